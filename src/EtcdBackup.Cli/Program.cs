using EtcdBackup.Cli;
using EtcdBackup.Cli.Output;

return await CommandLine.RunAsync(args, Screen.OfConsole());
