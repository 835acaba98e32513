namespace EtcdBackup.Snapshots;

/// <summary>One member, as the <c>members</c> bucket has it.</summary>
/// <param name="Id">Its id, hex.</param>
/// <param name="Name">Its name.</param>
/// <param name="PeerUrls">Where other members reach it.</param>
/// <param name="ClientUrls">Where clients reach it.</param>
/// <param name="IsLearner">Whether it learns and does not vote.</param>
public sealed record MemberReport(string Id, string Name, IReadOnlyList<string> PeerUrls, IReadOnlyList<string> ClientUrls, bool IsLearner);
