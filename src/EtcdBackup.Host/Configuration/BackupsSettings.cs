using EtcdBackup.Encodings;
using EtcdBackup.Scheduling;

namespace EtcdBackup.Host.Configuration;

/// <summary>Limits of taking backups.</summary>
internal sealed class BackupsSettings
{
    /// <summary>Directory of the PersistentVolume store; empty: <c>backups</c> in the data directory.</summary>
    public string Directory { get; set; } = "";

    /// <summary>Whether all silos see the same <see cref="Directory"/>, as on a network volume.</summary>
    public bool Shared { get; set; }

    /// <summary>Seconds that running backups may continue when the process stops.</summary>
    public int GraceInSecond { get; set; } = (int)Defaults.Grace.TotalSeconds;

    /// <summary>Directory for backups on their way to other stores; empty: <c>scratch</c> in the data directory.</summary>
    public string ScratchDirectory { get; set; } = "";

    /// <summary>
    /// Directory that the secrets of <c>s3.awsSecret</c> and <c>abs.absSecret</c> are mounted in: <c>SECRET</c> or
    /// <c>NAMESPACE/SECRET</c>, each a directory of files.
    /// </summary>
    public string SecretsDirectory { get; set; } = "";

    /// <summary>
    /// Certificates (PEM) of the authorities to trust at S3 and Azure endpoints; empty: the machine's own. A store's secret may have its
    /// own as <c>ca.crt</c>.
    /// </summary>
    public string StoreCaFile { get; set; } = "";

    /// <summary>
    /// File with age keys, the newest first: new backups with <c>encryption: age</c> are encrypted to the newest, and all keys can open
    /// backups. Read again for each backup.
    /// </summary>
    public string AgeKeyFile { get; set; } = "";

    /// <summary>File with more age recipients that new backups are encrypted to, such as a key that is kept in a safe.</summary>
    public string AgeRecipientsFile { get; set; } = "";

    public AgeFiles AgeFiles => new(AgeKeyFile, AgeRecipientsFile);

    /// <summary>How many snapshots this process takes at once; 0: twice the number of cores.</summary>
    public int MaxConcurrent { get; set; }

    /// <summary>Seconds in which a member must answer a probe.</summary>
    public int ProbeTimeoutInSecond { get; set; } = (int)Defaults.Probe.TotalSeconds;

    /// <summary>Seconds without a byte after which a running snapshot is given up. There is no limit on its whole time.</summary>
    public int SilenceTimeoutInSecond { get; set; } = (int)Defaults.Silence.TotalSeconds;

    /// <summary>Seconds after which a stored backup is read again and checked; 0: never.</summary>
    public int ScrubIntervalInSecond { get; set; } = (int)Defaults.ScrubInterval.TotalSeconds;

    /// <summary>The highest speed of this reading in megabytes a second, per cluster.</summary>
    public int ScrubMegabytesPerSecond { get; set; } = Defaults.ScrubMegabytesPerSecond;

    /// <summary>
    /// Megabytes of change logs, uncompressed, that may wait in the scratch directory while their stores are away; 0: none.
    /// </summary>
    public int LogSpoolMegabytes { get; set; } = Defaults.LogSpoolMegabytes;

    /// <summary>Seconds after which scratch files of failed attempts are removed.</summary>
    public int SweepAgeInSecond { get; set; } = (int)Defaults.SweepAge.TotalSeconds;
}
