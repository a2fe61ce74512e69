package dev.caravan.remote.s3.wire;

import java.nio.charset.StandardCharsets;
import java.security.GeneralSecurityException;
import java.security.MessageDigest;
import java.time.Clock;
import java.time.Instant;
import java.time.ZoneOffset;
import java.time.format.DateTimeFormatter;
import java.util.Locale;
import java.util.Map;
import java.util.TreeMap;
import javax.crypto.Mac;
import javax.crypto.spec.SecretKeySpec;
import software.amazon.awssdk.core.exception.SdkClientException;
import software.amazon.awssdk.identity.spi.AwsCredentialsIdentity;
import software.amazon.awssdk.identity.spi.AwsSessionCredentialsIdentity;

/**
 * Signs requests over a payload hash that is already known. The SDK's signer reads and hashes every
 * payload itself, even if its hash is at hand; a test holds both to the same signatures. Source:
 * the description of AWS Signature Version 4.
 */
public final class RequestSigner {

  private static final String ALGORITHM = "AWS4-HMAC-SHA256";
  private static final String HMAC = "HmacSHA256";

  /** To make one costs more than to use it. */
  private static final ThreadLocal<Mac> MACS = ThreadLocal.withInitial(RequestSigner::mac);

  private static final DateTimeFormatter TIME =
      DateTimeFormatter.ofPattern("yyyyMMdd'T'HHmmss'Z'").withZone(ZoneOffset.UTC);

  private final S3Address address;
  private final String host;
  private final String region;
  private final Credentials credentials;
  private final Clock clock;
  private volatile Second second = new Second(Long.MIN_VALUE, "");
  private volatile Key key = new Key("", "", new byte[0]);

  /** The last time that was formatted. */
  private record Second(long epochSecond, String text) {}

  /** What signs the requests of one day. */
  private record Key(String secret, String date, byte[] bytes) {}

  public RequestSigner(S3Address address, String region, Credentials credentials, Clock clock) {
    this.address = address;
    boolean usual = address.port() == (address.scheme().equals("https") ? 443 : 80);
    this.host = usual ? address.host() : address.host() + ":" + address.port();
    this.region = region;
    this.credentials = credentials;
    this.clock = clock;
  }

  SignedRequest sign(S3Request request) {
    return sign(request, credentials.current());
  }

  SignedRequest sign(S3Request request, AwsCredentialsIdentity identity) {
    String time = now();
    String date = time.substring(0, 8);
    Map<String, String> headers = headers(request);
    headers.put("x-amz-date", time);
    if (identity instanceof AwsSessionCredentialsIdentity session) {
      headers.put("x-amz-security-token", session.sessionToken());
    }
    String path = address.path(request.key());
    String query = query(request.query());
    String names = String.join(";", headers.keySet());
    StringBuilder canonical = new StringBuilder(1024);
    canonical.append(request.method()).append('\n').append(path).append('\n').append(query);
    canonical.append('\n');
    headers.forEach(
        (name, value) ->
            canonical.append(name).append(':').append(plain(name, value)).append('\n'));
    canonical.append('\n').append(names).append('\n').append(request.body().sha256());

    String scope = date + "/" + region + "/s3/aws4_request";
    String signed =
        ALGORITHM + "\n" + time + "\n" + scope + "\n" + Digests.hex(sha256(canonical.toString()));
    byte[] signature = hmac(keyOf(identity.secretAccessKey(), date), signed);
    headers.put(
        "Authorization",
        ALGORITHM
            + (" Credential=" + identity.accessKeyId() + "/" + scope)
            + (", SignedHeaders=" + names)
            + (", Signature=" + Digests.hex(signature)));
    if (request.asksFirst()) {
      headers.put(S3Transport.EXPECT, "100-continue");
    }
    headers.put("User-Agent", "Caravan");
    return new SignedRequest(request.method().name(), path, query, headers, request.isPatient());
  }

  /** Who signs at this moment. */
  AwsCredentialsIdentity signer() {
    return credentials.current();
  }

  /** Looks for newer credentials; true when somebody else signs from now on. */
  boolean isRenewed(AwsCredentialsIdentity refused) {
    try {
      credentials.renew();
      return !credentials.current().equals(refused);
    } catch (SdkClientException e) {
      // Where they come from does not answer: the refusal stands.
      return false;
    }
  }

  /** Those that are signed, by their names in small letters, in order. */
  private Map<String, String> headers(S3Request request) {
    Map<String, String> headers = new TreeMap<>();
    request.headers().forEach((name, value) -> headers.put(name.toLowerCase(Locale.ROOT), value));
    headers.put("host", host);
    headers.put("x-amz-content-sha256", request.body().sha256());
    switch (request.method()) {
      case PUT, POST -> headers.put("content-length", Long.toString(request.body().length()));
      case GET, HEAD, DELETE, OPTIONS, PATCH -> {
        // No body.
      }
    }
    return headers;
  }

  private static String query(Map<String, String> parameters) {
    if (parameters.isEmpty()) {
      return "";
    }
    Map<String, String> sorted = new TreeMap<>();
    parameters.forEach((name, value) -> sorted.put(part(name), part(value)));
    StringBuilder out = new StringBuilder(64);
    sorted.forEach(
        (name, value) ->
            out.append(out.isEmpty() ? "" : "&").append(name).append('=').append(value));
    return out.toString();
  }

  private static String part(String text) {
    return S3Keys.encode(text).replace("/", "%2F");
  }

  /**
   * Without blanks at the ends, and with one where there are several.
   *
   * @throws IllegalArgumentException for a control character, which could begin another header
   */
  private static String plain(String name, String value) {
    String text = value.strip();
    for (int i = 0; i < text.length(); i++) {
      if (text.charAt(i) < ' ' || text.charAt(i) == 0x7f) {
        throw new IllegalArgumentException("The value of " + name + " has a control character");
      }
    }
    return text.contains("  ") ? text.replaceAll(" +", " ") : text;
  }

  private String now() {
    Instant instant = clock.instant();
    Second known = second;
    if (known.epochSecond() != instant.getEpochSecond()) {
      known = new Second(instant.getEpochSecond(), TIME.format(instant));
      second = known;
    }
    return known.text();
  }

  private byte[] keyOf(String secret, String date) {
    Key known = key;
    if (!known.date().equals(date) || !known.secret().equals(secret)) {
      byte[] bytes = ("AWS4" + secret).getBytes(StandardCharsets.UTF_8);
      for (String part : new String[] {date, region, "s3", "aws4_request"}) {
        bytes = hmac(bytes, part);
      }
      known = new Key(secret, date, bytes);
      key = known;
    }
    return known.bytes();
  }

  private static byte[] sha256(String text) {
    MessageDigest digest = Digests.sha256();
    return digest.digest(text.getBytes(StandardCharsets.UTF_8));
  }

  private static Mac mac() {
    try {
      return Mac.getInstance(HMAC);
    } catch (GeneralSecurityException e) {
      throw new IllegalStateException("Every Java has " + HMAC, e);
    }
  }

  private static byte[] hmac(byte[] key, String text) {
    try {
      Mac mac = MACS.get();
      mac.init(new SecretKeySpec(key, HMAC));
      return mac.doFinal(text.getBytes(StandardCharsets.UTF_8));
    } catch (GeneralSecurityException e) {
      throw new IllegalStateException("A key that is not empty is always taken", e);
    }
  }
}
