# docker build -t caravan:0.1 .        (or podman, buildah, kaniko: nothing here is special)
# The first stage only builds the jar: a base with a JDK from 17 on and Maven.
FROM docker.io/library/maven:3.9-eclipse-temurin-17 AS build
WORKDIR /src
COPY pom.xml ./
COPY src/main ./src/main
RUN mvn -B -q -Dquick -Dmaven.test.skip=true package

FROM docker.io/library/eclipse-temurin:17-jre-noble
# For remotes of rclone (1.60 or newer) and rsync, and the mover's MOVER_ENGINE=rclone.
RUN apt-get -q update \
 && DEBIAN_FRONTEND=noninteractive apt-get -q install -y --no-install-recommends openssh-client rclone rsync \
 && rm -rf /var/lib/apt/lists/*
COPY --from=build /src/target/caravan.jar /app/caravan.jar
COPY image/caravan /app/caravan
COPY image/archive /app/archive
COPY config/short.options /app/short.options
# A start takes half as long with it.
RUN /app/archive
ENV PATH=/app:$PATH HOME=/config
WORKDIR /tmp
# By number, so that Kubernetes can see that it is not root.
USER 65534:65534
EXPOSE 8686 10080
# Without arguments: the mover where its environment is there, else the daemon.
ENTRYPOINT ["/app/caravan"]
