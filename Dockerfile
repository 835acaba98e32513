# The service in an image without a shell, run by a user without rights. docs/kubernetes.md has the command.
# REGISTRY: Microsoft's registry of container images, or a mirror of it, with a slash at its end.
ARG REGISTRY
FROM --platform=$BUILDPLATFORM ${REGISTRY}dotnet/sdk:10.0 AS build
WORKDIR /source
COPY Directory.Build.props Directory.Packages.props global.json .editorconfig ./
COPY src ./src
RUN dotnet publish src/EtcdBackup.Host -c Release -o /app -p:UseAppHost=false && mkdir /empty

FROM ${REGISTRY}dotnet/aspnet:10.0-noble-chiseled
WORKDIR /app
COPY --from=build /app .
# the volume's owner; 1654 is the images' own user "app"
COPY --chown=1654:1654 --from=build /empty /data
USER 1654
VOLUME /data
EXPOSE 19999
ENV DataDirectory=/data \
    DOTNET_EnableDiagnostics=0
ENTRYPOINT ["dotnet", "EtcdBackup.Host.dll"]
