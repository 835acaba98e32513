using EtcdBackup.Clusters;

namespace EtcdBackup.Catalog;

/// <summary>How a snapshot compared with the live member that gave it.</summary>
/// <param name="Level">What was compared.</param>
/// <param name="Result">How it came out.</param>
/// <param name="Detail">In one sentence.</param>
/// <param name="MembersDiffer">Whether some member holds other data than the file.</param>
public sealed record LiveProof(ProofLevel Level, ProofResult Result, string Detail, bool MembersDiffer = false);
