namespace EtcdBackup.Stores;

/// <summary>A pending object whose commit limits the silence of each step by itself, because all steps together may take long.</summary>
internal interface ILimitsItself;
