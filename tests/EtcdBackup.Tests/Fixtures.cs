[assembly: AssemblyFixture(typeof(EtcdBackup.Testing.ObjectStores))]
