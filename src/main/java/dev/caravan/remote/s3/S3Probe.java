package dev.caravan.remote.s3;

import static dev.caravan.remote.s3.ask.Insistence.insist;

import dev.caravan.config.S3Settings;
import dev.caravan.remote.ObjectKey;
import dev.caravan.remote.RemoteException;
import dev.caravan.remote.RemoteException.Cause;
import dev.caravan.remote.s3.wire.Digests;
import dev.caravan.remote.s3.wire.RequestBody;
import dev.caravan.remote.s3.wire.S3Address;
import dev.caravan.remote.s3.wire.S3Reply;
import dev.caravan.remote.s3.wire.S3Request;
import dev.caravan.remote.s3.wire.S3Xml;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.time.DateTimeException;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import javax.xml.stream.XMLStreamException;

/**
 * Finds out whether a bucket can be used, and which integrity checks its server really makes: it is
 * sent something wrong of each kind, and what it does not refuse it does not check. Eight small
 * requests, all about one object that is deleted in the end.
 */
final class S3Probe {

  private static final byte[] CONTENT = "Caravan was here\n".getBytes(StandardCharsets.UTF_8);
  private static final byte[] OTHER = "Caravan was there".getBytes(StandardCharsets.UTF_8);

  private static final String NAME = "probe-";

  /** What a probe that was killed left behind goes with a later one's own object. */
  private static final Duration LEFT_BEHIND = Duration.ofHours(1);

  private static final String LEFT_MOST = "100";

  private final S3Connection s3;
  private final S3Settings settings;
  private final ObjectKey key;
  private final Map<String, String> facts = new LinkedHashMap<>();
  private final List<ObjectKey> leftBehind = new ArrayList<>();

  /**
   * @param nonce makes the name of the object one that nobody else uses
   */
  S3Probe(S3Connection s3, S3Settings settings, String nonce) {
    this.s3 = s3;
    this.settings = settings;
    this.key = ObjectKey.own(NAME + nonce);
  }

  /** What was found, for the status, in display order. */
  Map<String, String> facts() {
    return facts;
  }

  S3Abilities run() throws RemoteException {
    insist(this::reach);
    S3Abilities abilities;
    try {
      abilities = judge();
      encryption();
    } catch (RemoteException e) {
      try {
        remove();
      } catch (RemoteException notRemoved) {
        e.addSuppressed(notRemoved);
      }
      throw e;
    }
    remove();
    return abilities;
  }

  /** A listing rather than a HEAD: its refusal says why. */
  private S3Address reach() throws RemoteException {
    S3Request list =
        S3Request.get("")
            .query("list-type", "2")
            .query("max-keys", LEFT_MOST)
            .query("prefix", s3.address().fullKey(ObjectKey.own(NAME).value()));
    try (S3Reply reply = s3.transport().exchange(list)) {
      if (reply.isGood()) {
        fact("bucket", "found");
        findLeftBehind(reply);
      } else if (settings.createBucket() && reply.error().code().equals("NoSuchBucket")) {
        create();
        fact("bucket", "created");
      } else {
        throw s3.errors().refused(list, reply);
      }
    }
    fact("address", s3.address().identity());
    fact("path_style", Boolean.toString(settings.pathStyle()));
    if (!s3.clock().offset().isZero()) {
      fact("clock_offset_s", Long.toString(s3.clock().offset().toSeconds()));
    }
    return s3.address();
  }

  /** Whatever of that cannot be read is left to another probe. */
  private void findLeftBehind(S3Reply reply) {
    leftBehind.clear();
    List<String> row = new ArrayList<>(List.of("", ""));
    Instant old = s3.clock().instant().minus(LEFT_BEHIND);
    try {
      S3Xml.read(
          reply.body(),
          (parent, name, text) -> {
            if (parent.equals("Contents") && name.equals("Key")) {
              row.set(0, text);
            } else if (parent.equals("Contents") && name.equals("LastModified")) {
              row.set(1, text);
            } else if (name.equals("Contents") && Instant.parse(row.get(1)).isBefore(old)) {
              keyOf(row.get(0)).ifPresent(leftBehind::add);
            }
          });
    } catch (IOException | XMLStreamException | DateTimeException e) {
      leftBehind.clear();
    }
  }

  private Optional<ObjectKey> keyOf(String full) {
    String begin = s3.address().fullKey(ObjectKey.own(NAME).value());
    return full.startsWith(begin) && full.indexOf('/', begin.length()) < 0
        ? Optional.of(ObjectKey.own(NAME + full.substring(begin.length())))
        : Optional.empty();
  }

  private void create() throws RemoteException {
    S3Request create = S3Request.put("");
    boolean amazon = settings.endpoint().isEmpty();
    if (amazon && !settings.region().equals("us-east-1")) {
      StringBuilder xml = new StringBuilder();
      xml.append("<CreateBucketConfiguration xmlns=\"http://s3.amazonaws.com/doc/2006-03-01/\">");
      xml.append("<LocationConstraint>");
      S3Xml.escape(xml, settings.region());
      xml.append("</LocationConstraint></CreateBucketConfiguration>");
      create.body(RequestBody.of(xml.toString().getBytes(StandardCharsets.UTF_8)));
    }
    s3.transport().send(create).close();
  }

  private S3Abilities judge() throws RemoteException {
    boolean extra = settings.checksum() == S3Settings.Checksums.AUTO;
    boolean tls = s3.address().scheme().equals("https");
    byte[] wrong = Digests.sha256().digest(OTHER);
    String wrongMd5 = Digests.base64(Digests.md5().digest(OTHER));
    String wrongCrc = Digests.base64(Digests.crc32c(OTHER));
    boolean sha256 = extra && insist(this::acceptsGood);
    if (!sha256) {
      insist(() -> s3.transport().send(put())).close();
    }
    S3Abilities abilities =
        new S3Abilities(
            sha256 && refuses(put().header("x-amz-checksum-sha256", Digests.base64(wrong))),
            sha256 && tls && refuses(put().header("x-amz-checksum-crc32c", wrongCrc)),
            refuses(put().body(new RequestBody(CONTENT.length, Digests.hex(wrong), source()))),
            refuses(put().header("Content-MD5", wrongMd5)));
    fact("checksum", abilities.sha256() ? "sha256" : "none");
    fact("signature", abilities.signature() ? "checked" : "not checked");
    fact("md5", abilities.md5() ? "checked" : "not checked");
    fact("sse", settings.sse().name().toLowerCase(Locale.ROOT));
    return abilities;
  }

  /** Stores the object with a right checksum; false when the server does not know the header. */
  private boolean acceptsGood() throws RemoteException {
    String right = Digests.base64(Digests.sha256().digest(CONTENT));
    S3Request request = put().header("x-amz-checksum-sha256", right);
    try (S3Reply reply = s3.transport().exchange(request)) {
      RemoteException refused = reply.isGood() ? null : s3.errors().refused(request, reply);
      if (refused == null) {
        return true;
      }
      return switch (refused.reason()) {
        case OTHER, UNSUPPORTED, CORRUPT -> false;
        case AUTHENTICATION,
            PERMISSION,
            NOT_THERE,
            NETWORK,
            TLS,
            CLOCK,
            FULL,
            READ_ONLY,
            THROTTLED,
            SERVER,
            NO_SUCH_OBJECT,
            FOREIGN,
            CANCELLED ->
            throw refused;
      };
    }
  }

  /** True when the server finds fault with a request that is right but for one checksum. */
  private boolean refuses(S3Request request) throws RemoteException {
    return insist(() -> isRefused(request));
  }

  private boolean isRefused(S3Request request) throws RemoteException {
    try (S3Reply reply = s3.transport().exchange(request)) {
      if (reply.isGood()) {
        return false;
      }
      RemoteException refused = s3.errors().refused(request, reply);
      if (refused.reason().isTransient() && refused.reason() != Cause.CORRUPT) {
        throw refused;
      }
      return reply.status() == 400 || reply.status() == 403;
    }
  }

  /** Some servers take the headers of a customer's key and store the bytes in the clear. */
  private void encryption() throws RemoteException {
    if (settings.sse() != S3Settings.Sse.CUSTOMER) {
      return;
    }
    S3Request keyless = S3Request.head(fullKey());
    try (S3Reply reply = s3.transport().exchange(keyless)) {
      fact("sse_enforced", reply.isGood() ? "no: readable without the key" : "yes");
    }
  }

  private void remove() throws RemoteException {
    Map<ObjectKey, RemoteException> failed = insist(this::removed);
    fact("delete", failed.containsKey(key) ? "refused" : "allowed");
  }

  private Map<ObjectKey, RemoteException> removed() throws RemoteException {
    Map<ObjectKey, RemoteException> failed = new DeleteBatch(s3).delete(mine());
    for (RemoteException each : failed.values()) {
      if (each.reason() == Cause.THROTTLED) {
        throw each;
      }
    }
    return failed;
  }

  private List<ObjectKey> mine() {
    List<ObjectKey> all = new ArrayList<>(leftBehind);
    all.add(key);
    return all;
  }

  private S3Request put() {
    return S3Request.put(fullKey())
        .header("Content-Type", "text/plain")
        .headers(s3.headers().creating())
        .body(RequestBody.of(CONTENT));
  }

  private static RequestBody.Source source() {
    return RequestBody.of(CONTENT).source();
  }

  private String fullKey() {
    return s3.address().fullKey(key.value());
  }

  private void fact(String name, String value) {
    facts.put(name, value);
  }
}
