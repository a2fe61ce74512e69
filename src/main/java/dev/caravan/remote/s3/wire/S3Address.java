package dev.caravan.remote.s3.wire;

import dev.caravan.config.S3Settings;
import java.net.URI;
import java.util.Locale;

/**
 * Where a bucket is reached, and how the keys of the store become paths of URLs.
 *
 * @param scheme {@code http} or {@code https}
 * @param host with the bucket in front where it is addressed that way
 * @param root what every path begins with: the endpoint's own path and, path-style, the bucket; no
 *     slash at its end
 * @param prefix what every key begins with: empty, or with a slash at its end
 * @param identity without any secret, one stable line
 */
public record S3Address(
    String scheme,
    String host,
    int port,
    String root,
    String bucket,
    String prefix,
    String identity) {

  public static S3Address of(S3Settings settings) {
    String bucket = settings.bucket();
    URI endpoint = settings.endpoint().orElseGet(() -> amazon(settings.region()));
    String scheme = String.valueOf(endpoint.getScheme()).toLowerCase(Locale.ROOT);
    String host = endpoint.getHost();
    if (host == null || !(scheme.equals("http") || scheme.equals("https"))) {
      throw new IllegalArgumentException(
          "Remote '" + settings.name() + "': endpoint " + endpoint + " is not http(s)://host");
    }
    int port = endpoint.getPort() >= 0 ? endpoint.getPort() : scheme.equals("https") ? 443 : 80;
    String path = strip(endpoint.getRawPath() == null ? "" : endpoint.getRawPath());
    String root = path.isEmpty() ? "" : "/" + path;
    // A certificate for *.s3.… does not cover a bucket with dots, and no host has an underscore.
    boolean unfit = bucket.contains(".") || bucket.contains("_");
    boolean inPath = settings.pathStyle() || (scheme.equals("https") && unfit);
    String prefix = strip(settings.prefix());
    String identity =
        "s3://" + bucket + (prefix.isEmpty() ? "" : "/" + prefix) + " at " + base(endpoint);
    return new S3Address(
        scheme,
        inPath ? host : bucket + "." + host,
        port,
        inPath ? root + "/" + S3Keys.encode(bucket) : root,
        bucket,
        prefix.isEmpty() ? "" : prefix + "/",
        identity);
  }

  /** The key as the server knows it. */
  public String fullKey(String key) {
    return prefix + key;
  }

  /** The path of a URL for a full key; of the bucket itself for {@code ""}. */
  public String path(String fullKey) {
    if (fullKey.isEmpty()) {
      return root.isEmpty() ? "/" : root;
    }
    return root + "/" + S3Keys.encode(fullKey);
  }

  private static URI amazon(String region) {
    String domain = region.startsWith("cn-") ? ".amazonaws.com.cn" : ".amazonaws.com";
    return URI.create("https://s3." + region + domain);
  }

  private static String base(URI endpoint) {
    String text = endpoint.getScheme() + "://" + endpoint.getHost();
    String port = endpoint.getPort() < 0 ? "" : ":" + endpoint.getPort();
    String path = strip(endpoint.getRawPath() == null ? "" : endpoint.getRawPath());
    return text + port + (path.isEmpty() ? "" : "/" + path);
  }

  private static String strip(String text) {
    int from = 0;
    int to = text.length();
    while (from < to && text.charAt(from) == '/') {
      from++;
    }
    while (to > from && text.charAt(to - 1) == '/') {
      to--;
    }
    return text.substring(from, to);
  }
}
