using EtcdBackup.Host.Hosting;

return await ServiceProgram.RunAsync(args);
