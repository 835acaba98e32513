namespace EtcdBackup.Stores;

/// <summary>A pending object whose commit limits the silence of each of its steps by itself: all of them together may last long.</summary>
internal interface ILimitsItself;
