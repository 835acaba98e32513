return await EtcdBackup.Host.ServiceProgram.RunAsync(args);
