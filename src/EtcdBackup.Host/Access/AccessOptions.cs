namespace EtcdBackup.Host.Access;

/// <summary>Who may call.</summary>
/// <param name="TokenFile">The file of tokens; empty: there is none.</param>
/// <param name="Anonymous">What callers without a token may do.</param>
internal sealed record AccessOptions(string TokenFile, IReadOnlyList<Grant> Anonymous);
