namespace EtcdBackup.Grains;

/// <summary>The silo that serves a cluster.</summary>
/// <param name="Silo">The silo's address, as Orleans writes it.</param>
/// <param name="Running">Whether a backup runs; it moves afterwards by itself.</param>
public sealed record ClusterLocation(string Silo, bool Running);
