using EtcdBackup.Clusters;

namespace EtcdBackup.Catalog;

/// <summary>The comparison of a snapshot with the live members.</summary>
/// <param name="Level">What was compared.</param>
/// <param name="Result">The result.</param>
/// <param name="Detail">The result in one sentence.</param>
/// <param name="MembersDiffer">Whether some member holds other data than the file.</param>
public sealed record LiveProof(ProofLevel Level, ProofResult Result, string Detail, bool MembersDiffer = false);
