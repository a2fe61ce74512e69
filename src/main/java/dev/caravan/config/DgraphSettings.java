package dev.caravan.config;

import java.net.URI;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Optional;

/** The proxy that sees Dgraph's exports, and where their files go. Absent without a bucket. */
public record DgraphSettings(
    @Setting(value = "Address the proxy listens on.", def = "127.0.0.1") String host,
    @Setting(value = "Port of the proxy; 0 takes any.", def = "10080", min = 0, max = 65_535)
        int port,
    @Setting(value = "The Dgraph Alpha that requests go to.", def = "http://localhost:8080")
        URI upstream,
    @Setting(
            value =
                "Further hosts that requests through the proxy and tunnels may go to, as host or"
                    + " host:port; the upstream always may, \"*\" is any.",
            def = "[]")
        List<String> allowedHosts,
    @Setting(value = "The folder that the Alpha exports to.", def = "/dgraph/export") Path towatch,
    @Setting(
            value = "The bucket for exports; the proxy runs only when it is set.",
            example = "dgraph-exports")
        Optional<String> bucketName,
    @Setting(
            value = "The S3 server, as host, host:port or address; absent for AWS itself.",
            example = "s3.example.org")
        Optional<String> endpoint,
    @Setting(value = "TLS to an endpoint that is written without a scheme.", def = "true")
        boolean secure,
    @Setting(
            value = "Let the customer key travel over plain http to another machine.",
            def = "false")
        boolean allowInsecure,
    @Setting(value = "The region that requests are signed for.", def = "us-east-1") String region,
    @Setting(value = "Put in front of every key; without leading or trailing slash.", def = "\"\"")
        String prefix,
    @Setting(
            value = "Bucket in the path instead of the host name.",
            derived = "true when an endpoint is set")
        boolean pathStyle,
    @Setting("Access key; left out, the usual AWS chain is asked.") Optional<Secret> accessKey,
    @Setting("Secret key.") Optional<Secret> secret,
    @Setting("Session token of temporary credentials.") Optional<Secret> sessionToken,
    @Setting("The key that S3 encrypts with: 32 raw characters, or base64 of 32 bytes.")
        Optional<Secret> cryptoKey,
    @Setting(
            value = "Names of objects: dated (a folder for each export) or dsync (fixed names).",
            def = "dated")
        Naming naming,
    @Setting(
            value =
                "Other names for some files, each PATTERN=NAME, where the first that fits counts."
                    + " NAME may hold {folder}, {group}, {file} and {read_ts}; dated names"
                    + " need {folder}.",
            def = "[]")
        List<String> names,
    @Setting(value = "How often the Alpha is asked how an export fares.", def = "5s") Duration poll,
    @Setting(
            value =
                "How long an export may take at the Alpha, and then on its way to the bucket, until"
                    + " it is given up.",
            def = "24h")
        Duration taskTimeout,
    @Setting(value = "How long a file must have been quiet.", def = "2s") Duration settle,
    @Setting(
            value = "Folder that the files of failed exports are moved to; absent to leave them.",
            example = "/dgraph/failed-exports")
        Optional<Path> quarantine,
    @Setting("Sent to the Alpha as X-Dgraph-AuthToken.") Optional<Secret> authToken,
    @Setting(value = "User to log in as, where ACL is on.", example = "groot")
        Optional<String> user,
    @Setting("Password of that user.") Optional<Secret> password,
    @Setting(value = "Namespace of that user.", def = "0", min = 0) int namespace,
    @Setting(
            value = "Answers of /admin up to this size are looked at; bigger ones only pass.",
            def = "1MiB")
        ByteSize inspectLimit,
    @Setting(value = "Size of the parts of big files, 5MiB to 5GiB.", def = "16MiB")
        ByteSize partSize,
    @Setting(value = "How long S3 may take to put a big file together.", def = "15m")
        Duration responseTimeout,
    @Setting(value = "How long an idle connection to S3 is kept.", def = "90s")
        Duration idleTimeout) {

  /** How objects are called. */
  public enum Naming {
    DATED,
    DSYNC
  }

  /** Whether there is anything to do. */
  public boolean isWanted() {
    return bucketName.isPresent();
  }

  /** The address of the S3 server; empty for Amazon's. */
  public Optional<URI> endpointUri() {
    return endpoint.map(
        text ->
            URI.create(
                text.matches("https?://.*") ? text : (secure ? "https://" : "http://") + text));
  }

  /** The bucket as the S3 engine knows it; its objects are always encrypted with the key. */
  public S3Settings s3() {
    return new S3Settings(
        "dgraph",
        bucketName.orElseThrow(),
        prefix,
        endpointUri(),
        region,
        accessKey,
        secret,
        sessionToken,
        pathStyle,
        S3Settings.Sse.CUSTOMER,
        Optional.empty(),
        cryptoKey,
        Optional.empty(),
        partSize,
        false,
        S3Settings.Checksums.AUTO,
        4,
        allowInsecure);
  }
}
