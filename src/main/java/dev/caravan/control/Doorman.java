package dev.caravan.control;

import dev.caravan.config.HttpSettings;
import dev.caravan.config.check.Loopback;
import io.vertx.core.http.HttpClosedException;
import io.vertx.core.http.HttpMethod;
import io.vertx.core.http.HttpServerRequest;
import io.vertx.core.http.HttpVersion;
import io.vertx.ext.web.Route;
import io.vertx.ext.web.Router;
import io.vertx.ext.web.RoutingContext;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.util.Objects;
import java.util.Optional;
import java.util.Set;
import java.util.TreeSet;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Decides who may come in, before any route is reached: the token where one is set; without one,
 * only a caller that names the loopback address, so that a web page in somebody's browser cannot
 * reach this server by a name of its own.
 */
public final class Doorman {

  /** The scheme and host of an address in full, as a request to a proxy has it. */
  private static final Pattern FULL_ADDRESS =
      Pattern.compile("[A-Za-z][A-Za-z0-9+.-]*://([^/?#]*)");

  private static final Logger LOG = LoggerFactory.getLogger("caravan.http");
  private static final String TOO_LARGE = "The body is larger than 1 MiB";
  private static final String SCHEME = "Bearer ";

  /** The largest body that is taken. */
  public static final int BODY_MAX_BYTES = 1 << 20;

  private static final int SHOWN_MAX = 200;

  private final HttpSettings settings;

  public Doorman(HttpSettings settings) {
    this.settings = settings;
  }

  /** Puts himself in front of everything that the router serves, and answers for the rest. */
  public void guard(Router router) {
    router
        .route()
        .order(Integer.MIN_VALUE + 1)
        .handler(this::admit)
        .failureHandler(Doorman::explain);
    router.route().order(Integer.MAX_VALUE).handler(context -> sendAway(router, context));
  }

  /** Nothing serves this request: the path is unknown, or known for other methods only. */
  private static void sendAway(Router router, RoutingContext context) {
    String path = context.normalizedPath();
    TreeSet<String> allowed = new TreeSet<>();
    for (Route route : router.getRoutes()) {
      if (matches(route, path)) {
        Stream.ofNullable(route.methods()).flatMap(Set::stream).forEach(m -> allowed.add(m.name()));
      }
    }
    if (allowed.isEmpty()) {
      refuse(context, 404, "There is nothing at " + shortened(path));
      return;
    }
    context.response().putHeader("Allow", String.join(", ", allowed) + ", OPTIONS");
    if (context.request().method().equals(HttpMethod.OPTIONS)) {
      context.response().setStatusCode(204).end();
    } else {
      refuse(context, 405, context.request().method() + " is not allowed here");
    }
  }

  private static String shortened(String text) {
    return text.length() <= SHOWN_MAX ? text : text.substring(0, SHOWN_MAX) + "…";
  }

  /** What failed outside of a route: the reading of the request, most of the time. */
  private static void explain(RoutingContext context) {
    Throwable failure = context.failure();
    if (context.response().closed() || failure instanceof HttpClosedException) {
      LOG.debug("A client went away: {}", String.valueOf(failure));
      return;
    }
    boolean unreadable = failure instanceof IllegalArgumentException;
    int status = unreadable ? 400 : context.statusCode() < 400 ? 500 : context.statusCode();
    switch (status) {
      case 400 -> refuse(context, 400, "The address or the headers cannot be read");
      case 413 -> refuse(context, 413, TOO_LARGE);
      case 404 -> refuse(context, 404, "There is nothing here");
      default -> {
        if (status < 500) {
          refuse(context, status, "The request cannot be served as it is");
        } else {
          LOG.error("A request failed: {}", String.valueOf(failure));
          refuse(context, status, "The request failed inside; the log says why");
        }
      }
    }
  }

  /** A segment that begins with a colon stands for any one segment. */
  private static boolean matches(Route route, String path) {
    String pattern = Objects.requireNonNullElse(route.getPath(), "");
    if (!pattern.isEmpty() && !route.isExactPath() && !route.isRegexPath()) {
      return path.startsWith(pattern);
    }
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

  private void admit(RoutingContext context) {
    HttpServerRequest request = context.request();
    Problems.harden(context.response());
    if (request.version() == HttpVersion.HTTP_1_1 && request.headers().getAll("Host").size() != 1) {
      refuse(context, 400, "A request names one Host");
      return;
    }
    String coding = request.getHeader("Transfer-Encoding");
    if (coding != null && !coding.equalsIgnoreCase("chunked")) {
      refuse(context, 400, "A body is sent chunked or with its length");
      return;
    }
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
      refuse(context, 413, TOO_LARGE);
      return;
    }
    context.next();
  }

  /** True for what the token guards. */
  public static boolean isApi(RoutingContext context) {
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
    if (!Loopback.is(settings.host())) {
      return false;
    }
    String host = Optional.ofNullable(request.getHeader("Host")).orElse("localhost");
    String origin = Optional.ofNullable(request.getHeader("Origin")).orElse("");
    boolean foreignOrigin =
        !origin.isEmpty() && !origin.equals("http://" + host) && !origin.equals("https://" + host);
    return !Loopback.is(nameOf(host)) || !Loopback.is(nameOf(spelledOut(request))) || foreignOrigin;
  }

  private static String nameOf(String host) {
    int colon = host.lastIndexOf(':');
    return colon > host.lastIndexOf(']') ? host.substring(0, colon) : host;
  }

  /** The host in an address that is written out in full, which outranks the header. */
  private static String spelledOut(HttpServerRequest request) {
    Matcher address = FULL_ADDRESS.matcher(request.uri());
    return address.lookingAt() ? address.group(1) : "localhost";
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
    Problems.send(context.response(), status, detail);
  }
}
