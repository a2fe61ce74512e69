package dev.caravan.config.check;

import dev.caravan.config.ByteSize;
import dev.caravan.config.DgraphSettings;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.Base64;
import java.util.List;
import java.util.Optional;
import java.util.Set;

/** What must hold for the proxy of Dgraph's exports. */
public final class DgraphRules {
  private static final long SMALLEST_PART = ByteSize.ofMebibytes(5).bytes();
  private static final long LARGEST_PART = ByteSize.ofMebibytes(5 * 1024).bytes();
  private static final long LARGEST_LOOK = ByteSize.ofMebibytes(16).bytes();
  private static final int KEY_BYTES = 32;

  private final Checks findings;

  /** Tells what it finds. */
  public DgraphRules(Checks findings) {
    this.findings = findings;
  }

  /** Looks at the whole section. */
  public void check(DgraphSettings dgraph) {
    boolean wanted = dgraph.isWanted();
    findings.check(
        !wanted && findings.isWritten("dgraph.crypto_key"),
        "dgraph.bucket_name",
        "is missing",
        "name the bucket that exports go to");
    findings.check(
        wanted && !findings.isWritten("dgraph.crypto_key"),
        "dgraph.crypto_key",
        "is missing, and exports are never stored without it",
        "set crypto_key_file; make a key with: openssl rand -base64 32");
    findings.check(
        dgraph.cryptoKey().filter(key -> !isKey(key.reveal())).isPresent(),
        "dgraph.crypto_key",
        "is neither 32 characters nor base64 of 32 bytes",
        "make one with: openssl rand -base64 32");
    findings.check(
        dgraph.bucketName().filter(name -> !name.matches("[^/\\s\\\\]{1,255}")).isPresent(),
        "dgraph.bucket_name",
        "is not the name of a bucket",
        "write the name alone; folders belong into prefix");
    findings.check(
        !isPrefix(dgraph.prefix()),
        "dgraph.prefix",
        "is not a prefix",
        "write folder/folder, without / at either end, without . and ..");
    place(dgraph);
    alpha(dgraph);
    credentials();
    limits(dgraph);
    names(dgraph.names(), dgraph.naming());
  }

  private static boolean isPrefix(String prefix) {
    return prefix.isEmpty()
        || List.of(prefix.split("/", -1)).stream().noneMatch(Set.of("", ".", "..")::contains);
  }

  private static boolean isKey(String key) {
    if (key.getBytes(StandardCharsets.UTF_8).length == KEY_BYTES) {
      return true;
    }
    try {
      return Base64.getDecoder().decode(key).length == KEY_BYTES;
    } catch (IllegalArgumentException e) {
      return false;
    }
  }

  private void place(DgraphSettings dgraph) {
    boolean odd =
        dgraph
            .endpoint()
            .filter(text -> !text.matches("(https?://)?[A-Za-z0-9._-]+(:[0-9]{1,5})?/?"))
            .isPresent();
    findings.check(
        odd,
        "dgraph.endpoint",
        "is not the address of a server",
        "write s3.example.org, or https://s3.example.org:9000");
    if (odd) {
      return;
    }
    Optional<URI> plain = dgraph.endpointUri().filter(Loopback::isReadableOnTheWay);
    findings.check(
        dgraph.isWanted() && plain.isPresent() && !dgraph.allowInsecure(),
        "dgraph.endpoint",
        "is plain http, over which the key would travel readably",
        "use https, or set allow_insecure: true");
  }

  private void alpha(DgraphSettings dgraph) {
    findings.check(
        !"http".equals(dgraph.upstream().getScheme())
            && !"https".equals(dgraph.upstream().getScheme()),
        "dgraph.upstream",
        "is not an http or https address",
        "write http://localhost:8080");
    String path = Optional.ofNullable(dgraph.upstream().getRawPath()).orElse("");
    findings.check(
        dgraph.upstream().getRawUserInfo() != null
            || dgraph.upstream().getRawQuery() != null
            || !(path.isEmpty() || path.equals("/")),
        "dgraph.upstream",
        "has more in it than a host and a port",
        "write http://localhost:8080");
    findings.check(
        findings.isWritten("dgraph.user") != findings.isWritten("dgraph.password"),
        "dgraph.user",
        "and dgraph.password belong together",
        "set both, or neither");
    findings.check(
        dgraph.allowedHosts().stream()
            .anyMatch(host -> !host.matches("\\*|[A-Za-z0-9._-]+(:[0-9]{1,5})?")),
        "dgraph.allowed_hosts",
        "holds something that is no host",
        "write host or host:port, or \"*\"");
  }

  private void credentials() {
    boolean id = findings.isWritten("dgraph.access_key");
    boolean secret = findings.isWritten("dgraph.secret");
    findings.check(
        id != secret,
        id ? "dgraph.access_key" : "dgraph.secret",
        "is set alone",
        "set access_key and secret, or neither to use the usual AWS chain");
  }

  private void limits(DgraphSettings dgraph) {
    long part = dgraph.partSize().bytes();
    findings.check(
        part < SMALLEST_PART || part > LARGEST_PART,
        "dgraph.part_size",
        "must be from 5MiB to 5GiB",
        "S3 accepts no other parts");
    findings.check(
        dgraph.inspectLimit().bytes() < 1024 || dgraph.inspectLimit().bytes() > LARGEST_LOOK,
        "dgraph.inspect_limit",
        "must be from 1KiB to 16MiB",
        "an answer to an export is short");
    findings.check(
        dgraph.poll().compareTo(Duration.ofMillis(100)) < 0,
        "dgraph.poll",
        "must be 100ms or more",
        "5s is often enough");
    findings.check(
        dgraph.taskTimeout().isZero(),
        "dgraph.task_timeout",
        "must be more than 0s",
        "an export takes its time");
    findings.check(
        dgraph.responseTimeout().compareTo(Duration.ofSeconds(1)) < 0,
        "dgraph.response_timeout",
        "must be 1s or more",
        "big files take servers minutes");
  }

  private void names(List<String> names, DgraphSettings.Naming naming) {
    for (int i = 0; i < names.size(); i++) {
      int equals = names.get(i).indexOf('=');
      findings.check(
          equals < 1 || !isPrefix(names.get(i).substring(equals + 1)) || names.get(i).endsWith("="),
          "dgraph.names[" + i + "]",
          "is not PATTERN=NAME",
          "write \"g*.rdf.gz={folder}/data-{group}.rdf.gz\"");
      findings.check(
          naming == DgraphSettings.Naming.DATED
              && equals >= 1
              && !names.get(i).substring(equals + 1).contains("{folder}"),
          "dgraph.names[" + i + "]",
          "has no {folder}, so that each export would overwrite the one before",
          "write \"g*.rdf.gz={folder}/data-{group}.rdf.gz\"");
    }
  }
}
