package dev.caravan.dgraph.proxy;

import java.net.URI;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.Set;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * Where a request goes.
 *
 * @param host name or address, as it is connected to
 * @param authority as it belongs into the Host header
 * @param tls whether the server speaks TLS
 * @param uri path and query as they are sent, byte for byte
 */
record Place(String host, int port, String authority, boolean tls, String uri) {

  private static final Pattern ABSOLUTE =
      Pattern.compile("(?i)(https?)://([^/?#@]*)([/?].*)?", Pattern.DOTALL);
  private static final Pattern AUTHORITY =
      Pattern.compile("(\\[[0-9A-Fa-f:.]+]|[A-Za-z0-9._-]+)(?::([0-9]{1,5}))?");

  /** The upstream, for a request that was addressed to the proxy as if it were the Alpha. */
  static Place of(URI upstream, String uri) {
    boolean tls = "https".equals(upstream.getScheme());
    int port = upstream.getPort() < 0 ? (tls ? 443 : 80) : upstream.getPort();
    return new Place(upstream.getHost(), port, upstream.getAuthority(), tls, uri);
  }

  /** What an absolute address names; empty when it names no host. */
  static Optional<Place> ofAbsolute(String address) {
    Matcher whole = ABSOLUTE.matcher(address);
    if (!whole.matches()) {
      return Optional.empty();
    }
    boolean tls = whole.group(1).toLowerCase(Locale.ROOT).equals("https");
    String rest = whole.group(3) == null ? "/" : whole.group(3);
    return at(whole.group(2), tls ? 443 : 80, tls, rest.startsWith("?") ? "/" + rest : rest);
  }

  /** What a tunnel is wanted to. */
  static Optional<Place> ofTunnel(String authority) {
    return at(authority, 443, false, "");
  }

  private static Optional<Place> at(String authority, int usual, boolean tls, String uri) {
    Matcher parts = AUTHORITY.matcher(authority);
    if (!parts.matches()) {
      return Optional.empty();
    }
    int port = parts.group(2) == null ? usual : Integer.parseInt(parts.group(2));
    String host = parts.group(1).replaceAll("[\\[\\]]", "");
    return port > 65_535 || port == 0
        ? Optional.empty()
        : Optional.of(new Place(host, port, authority, tls, uri));
  }

  static boolean isAbsolute(String uri) {
    return ABSOLUTE.matcher(uri).matches();
  }

  /** Where Dgraph is administered, and exports are asked for. */
  boolean isAdmin() {
    String path = path();
    return path.equals("/admin") || path.startsWith("/admin/");
  }

  String path() {
    int question = uri.indexOf('?');
    return question < 0 ? uri : uri.substring(0, question);
  }

  String query() {
    int question = uri.indexOf('?');
    return question < 0 ? "" : uri.substring(question + 1);
  }

  /** Which places may be gone to. */
  record Allowed(Place upstream, List<String> more) {

    private static final Set<String> LOOPBACK = Set.of("localhost", "127.0.0.1", "::1");

    boolean admits(Place place) {
      String host = place.host.toLowerCase(Locale.ROOT);
      return isUpstream(place)
          || more.contains("*")
          || more.stream().anyMatch(each -> fits(each.toLowerCase(Locale.ROOT), host, place.port));
    }

    /** Whether it is the Alpha whose exports are awaited; any other's are none of ours. */
    boolean isUpstream(Place place) {
      String host = place.host.toLowerCase(Locale.ROOT);
      boolean sameHost =
          host.equalsIgnoreCase(upstream.host)
              || (LOOPBACK.contains(host)
                  && LOOPBACK.contains(upstream.host.toLowerCase(Locale.ROOT)));
      return sameHost && place.port == upstream.port;
    }

    private static boolean fits(String allowed, String host, int port) {
      return allowed.equals(host) || allowed.equals(host + ":" + port);
    }
  }
}
