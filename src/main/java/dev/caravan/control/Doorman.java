package dev.caravan.control;

import dev.caravan.config.HttpSettings;
import io.vertx.core.http.HttpMethod;
import io.vertx.core.http.HttpServerRequest;
import io.vertx.ext.web.Router;
import io.vertx.ext.web.RoutingContext;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.util.List;
import java.util.Locale;
import java.util.Objects;
import java.util.Optional;
import java.util.Set;
import java.util.regex.Pattern;
import java.util.stream.Stream;

/**
 * Decides who may come in, before any route is reached: the token where one is set; without one,
 * only a caller that names the loopback address, so that a web page in somebody's browser cannot
 * reach this server by a name of its own.
 */
public final class Doorman {

  private static final Set<String> LOOPBACK =
      Set.of("localhost", "[::1]", "::1", "0:0:0:0:0:0:0:1");

  /** An address, not a name: 127.example.org is anybody's. */
  private static final Pattern LOOPBACK_V4 = Pattern.compile("127(\\.[0-9]{1,3}){3}");

  private static final String SCHEME = "Bearer ";
  private static final long BODY_MAX_BYTES = 1 << 20;

  private final HttpSettings settings;

  public Doorman(HttpSettings settings) {
    this.settings = settings;
  }

  /** Puts himself in front of everything that the router serves. */
  public void guard(Router router) {
    router.route().order(Integer.MIN_VALUE).handler(this::admit);
    router.route().order(Integer.MAX_VALUE).handler(context -> sendAway(router, context));
  }

  /** Nothing serves this request: the path is unknown, or known for other methods only. */
  private static void sendAway(Router router, RoutingContext context) {
    String path = context.normalizedPath();
    List<String> allowed =
        router.getRoutes().stream()
            .filter(route -> matches(Objects.requireNonNullElse(route.getPath(), ""), path))
            .flatMap(route -> Stream.ofNullable(route.methods()).flatMap(Set::stream))
            .map(HttpMethod::name)
            .distinct()
            .sorted()
            .toList();
    if (allowed.isEmpty()) {
      refuse(context, 404, "There is nothing at " + path);
    } else {
      context.response().putHeader("Allow", String.join(", ", allowed));
      refuse(context, 405, context.request().method() + " is not allowed here");
    }
  }

  /** A segment that begins with a colon stands for any one segment. */
  private static boolean matches(String pattern, String path) {
    String[] wanted = pattern.split("/", -1);
    String[] given = path.split("/", -1);
    if (wanted.length != given.length) {
      return false;
    }
    for (int i = 0; i < wanted.length; i++) {
      if (!wanted[i].startsWith(":") && !wanted[i].equals(given[i])) {
        return false;
      }
    }
    return true;
  }

  /** True when the address is one that only this machine reaches. */
  public static boolean isLoopback(String host) {
    String name = host.toLowerCase(Locale.ROOT);
    return LOOPBACK.contains(name) || LOOPBACK_V4.matcher(name).matches();
  }

  private void admit(RoutingContext context) {
    HttpServerRequest request = context.request();
    if (settings.authToken().isEmpty() && isForeignName(request)) {
      refuse(context, 421, "Without a token this server answers to loopback names only");
      return;
    }
    if (isApi(context) && !hasToken(request)) {
      context.response().putHeader("WWW-Authenticate", "Bearer");
      refuse(context, 401, "Send the token as 'Authorization: Bearer …'");
      return;
    }
    if (isApi(context) && settings.readonly() && isChange(request)) {
      refuse(context, 403, "This server is read-only (http.readonly)");
      return;
    }
    if (isTooLarge(request)) {
      context.response().putHeader("Connection", "close");
      refuse(context, 413, "The body is larger than 1 MiB");
      return;
    }
    context.next();
  }

  private static boolean isApi(RoutingContext context) {
    String path = context.normalizedPath();
    return path.equals("/api") || path.startsWith("/api/");
  }

  private static boolean isChange(HttpServerRequest request) {
    HttpMethod method = request.method();
    return !method.equals(HttpMethod.GET)
        && !method.equals(HttpMethod.HEAD)
        && !method.equals(HttpMethod.OPTIONS);
  }

  private static boolean isTooLarge(HttpServerRequest request) {
    try {
      String length = request.getHeader("Content-Length");
      return length != null && Long.parseLong(length) > BODY_MAX_BYTES;
    } catch (NumberFormatException e) {
      return true;
    }
  }

  private boolean isForeignName(HttpServerRequest request) {
    if (!isLoopback(settings.host())) {
      return false;
    }
    String host = Optional.ofNullable(request.getHeader("Host")).orElse("localhost");
    String origin = Optional.ofNullable(request.getHeader("Origin")).orElse("");
    int colon = host.lastIndexOf(':');
    String name = colon > host.lastIndexOf(']') ? host.substring(0, colon) : host;
    boolean foreignOrigin =
        !origin.isEmpty() && !origin.equals("http://" + host) && !origin.equals("https://" + host);
    return !isLoopback(name) || foreignOrigin;
  }

  /** Compares in constant time, so that the token cannot be guessed letter by letter. */
  private boolean hasToken(HttpServerRequest request) {
    if (settings.authToken().isEmpty()) {
      return true;
    }
    String given = Optional.ofNullable(request.getHeader("Authorization")).orElse("");
    if (!given.regionMatches(true, 0, SCHEME, 0, SCHEME.length())) {
      return false;
    }
    return MessageDigest.isEqual(
        given.substring(SCHEME.length()).getBytes(StandardCharsets.UTF_8),
        settings.authToken().get().reveal().getBytes(StandardCharsets.UTF_8));
  }

  private static void refuse(RoutingContext context, int status, String detail) {
    if (context.response().ended()) {
      return;
    }
    context
        .response()
        .setStatusCode(status)
        .putHeader("Content-Type", Problems.CONTENT_TYPE)
        .end(Problems.json(status, detail));
  }
}
