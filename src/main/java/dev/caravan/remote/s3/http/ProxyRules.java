package dev.caravan.remote.s3.http;

import java.math.BigInteger;
import java.net.InetAddress;
import java.net.URI;
import java.net.URISyntaxException;
import java.net.UnknownHostException;
import java.util.Arrays;
import java.util.Locale;
import java.util.Optional;
import java.util.function.UnaryOperator;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/**
 * Which proxy a server is reached by: that of Java's own settings ({@code https.proxyHost} and its
 * like, {@code http.nonProxyHosts}), else that of the environment ({@code HTTPS_PROXY}, {@code
 * HTTP_PROXY}, {@code NO_PROXY}, in small letters first), each for servers of its own scheme. This
 * machine itself is never reached by one.
 *
 * <p>{@code NO_PROXY} holds names and addresses with commas between them: {@code example.org} and
 * all below it, {@code .example.org} all below it alone, {@code 10.1.2.3}, {@code 10.0.0.0/8}, each
 * with {@code :port} where only that one is meant, or {@code *} for everything.
 */
public final class ProxyRules {

  private final UnaryOperator<@Nullable String> properties;
  private final UnaryOperator<@Nullable String> environment;

  /**
   * A proxy.
   *
   * @param address {@code scheme://host:port}, without a user
   * @param user for proxies that ask who it is
   */
  public record Proxy(URI address, Optional<User> user) {}

  /** A name and its password. */
  public record User(String name, String password) {

    @Override
    public String toString() {
      return name;
    }
  }

  /** Both answer null for what is not set. */
  ProxyRules(
      UnaryOperator<@Nullable String> properties, UnaryOperator<@Nullable String> environment) {
    this.properties = properties;
    this.environment = environment;
  }

  /** Those of this process. */
  public static ProxyRules ofProcess() {
    return new ProxyRules(System::getProperty, System::getenv);
  }

  /**
   * The proxy for a server.
   *
   * @param scheme {@code http} or {@code https}
   * @return empty when the server is to be reached without one
   * @throws IllegalArgumentException when what is set is no address of a proxy
   */
  public Optional<Proxy> proxyFor(String scheme, String host, int port) {
    if (isHere(host)) {
      return Optional.empty();
    }
    Optional<String> named = property(scheme + ".proxyHost");
    if (named.isPresent()) {
      return isExceptedByJava(host) ? Optional.empty() : Optional.of(byJava(scheme, named.get()));
    }
    Optional<String> variable = variable(scheme + "_proxy");
    return variable.isEmpty() || isExcepted(host, port)
        ? Optional.empty()
        : Optional.of(byEnvironment(scheme, variable.get()));
  }

  private Proxy byJava(String scheme, String host) {
    String port = property(scheme + ".proxyPort").orElse(scheme.equals("https") ? "443" : "80");
    Optional<User> user =
        property(scheme + ".proxyUser")
            .map(name -> new User(name, property(scheme + ".proxyPassword").orElse("")));
    return new Proxy(address("http://" + host + ":" + port, scheme + ".proxyHost"), user);
  }

  private static Proxy byEnvironment(String scheme, String value) {
    String variable = scheme.toUpperCase(Locale.ROOT) + "_PROXY";
    URI address = address(value.contains("://") ? value : "http://" + value, variable);
    String proxyScheme = address.getScheme().toLowerCase(Locale.ROOT);
    if (!proxyScheme.equals("http") && !proxyScheme.equals("https")) {
      throw new IllegalArgumentException(
          variable + " names a proxy of the kind " + proxyScheme + "; only http and https are");
    }
    int port = address.getPort() >= 0 ? address.getPort() : proxyScheme.equals("https") ? 443 : 80;
    Optional<User> user = Optional.empty();
    if (address.getUserInfo() != null) {
      String[] parts = address.getUserInfo().split(":", 2);
      user = Optional.of(new User(parts[0], parts.length > 1 ? parts[1] : ""));
    }
    return new Proxy(address(proxyScheme + "://" + address.getHost() + ":" + port, variable), user);
  }

  /** Nothing of a value that is wrong is told: it may hold a password. */
  private static URI address(String text, String setting) {
    try {
      URI address = new URI(text);
      if (address.getHost() != null) {
        return address;
      }
    } catch (URISyntaxException e) {
      // Told below, without its text.
    }
    throw new IllegalArgumentException(setting + " is not the address of a proxy");
  }

  private static boolean isHere(String host) {
    return host.equalsIgnoreCase("localhost")
        || host.toLowerCase(Locale.ROOT).endsWith(".localhost")
        || literal(host).filter(InetAddress::isLoopbackAddress).isPresent();
  }

  /** Patterns with bars between them and stars at their ends. */
  private boolean isExceptedByJava(String host) {
    return Stream.of(property("http.nonProxyHosts").orElse("").split("\\|"))
        .map(pattern -> pattern.strip().toLowerCase(Locale.ROOT))
        .filter(pattern -> !pattern.isEmpty())
        .anyMatch(pattern -> isLike(pattern, host.toLowerCase(Locale.ROOT)));
  }

  private static boolean isLike(String pattern, String host) {
    boolean anyStart = pattern.startsWith("*");
    boolean anyEnd = pattern.endsWith("*") && pattern.length() > 1;
    String fixed = pattern.substring(anyStart ? 1 : 0, pattern.length() - (anyEnd ? 1 : 0));
    if (anyStart && anyEnd) {
      return host.contains(fixed);
    }
    return anyStart ? host.endsWith(fixed) : anyEnd ? host.startsWith(fixed) : host.equals(fixed);
  }

  private boolean isExcepted(String host, int port) {
    return Stream.of(variable("no_proxy").orElse("").split(","))
        .map(rule -> rule.strip().toLowerCase(Locale.ROOT))
        .filter(rule -> !rule.isEmpty())
        .anyMatch(rule -> isMeant(rule, host.toLowerCase(Locale.ROOT), port));
  }

  private static boolean isMeant(String rule, String host, int port) {
    if (rule.equals("*")) {
      return true;
    }
    Optional<InetAddress> address = literal(host);
    int slash = rule.indexOf('/');
    if (slash > 0) {
      return address.isPresent()
          && isWithin(address.get(), rule.substring(0, slash), rule.substring(slash + 1));
    }
    String name = rule;
    int colon = rule.lastIndexOf(':');
    boolean oneColon = colon > 0 && rule.indexOf(':') == colon;
    if (oneColon || rule.startsWith("[") && rule.indexOf("]:") == colon - 1) {
      if (!rule.substring(colon + 1).equals(Integer.toString(port))) {
        return false;
      }
      name = rule.substring(0, colon);
    }
    if (address.isPresent()) {
      return literal(name).filter(address.get()::equals).isPresent();
    }
    String domain = name.startsWith("*.") ? name.substring(1) : name;
    return domain.startsWith(".")
        ? host.endsWith(domain)
        : host.equals(domain) || host.endsWith("." + domain);
  }

  private static boolean isWithin(InetAddress address, String network, String bits) {
    Optional<InetAddress> base = literal(network);
    if (base.isEmpty() || !bits.matches("[0-9]{1,3}")) {
      return false;
    }
    byte[] one = address.getAddress();
    byte[] other = base.get().getAddress();
    int rest = 8 * other.length - Integer.parseInt(bits);
    return one.length == other.length
        && rest >= 0
        && new BigInteger(1, one)
            .shiftRight(rest)
            .equals(new BigInteger(1, other).shiftRight(rest));
  }

  /** An address that is written as one; names are not looked up. */
  private static Optional<InetAddress> literal(String host) {
    String bare =
        host.startsWith("[") && host.endsWith("]") ? host.substring(1, host.length() - 1) : host;
    boolean ip4 =
        bare.matches("[0-9]{1,3}(\\.[0-9]{1,3}){3}")
            && Arrays.stream(bare.split("\\.")).allMatch(part -> Integer.parseInt(part) < 256);
    boolean ip6 = bare.contains(":") && bare.matches("[0-9a-fA-F:.]+");
    if (!ip4 && !ip6) {
      return Optional.empty();
    }
    try {
      return Optional.of(InetAddress.getByName(bare));
    } catch (UnknownHostException e) {
      return Optional.empty();
    }
  }

  private Optional<String> property(String name) {
    return Optional.ofNullable(properties.apply(name)).filter(value -> !value.isBlank());
  }

  private Optional<String> variable(String name) {
    return Stream.of(name, name.toUpperCase(Locale.ROOT))
        .map(environment)
        .filter(value -> value != null && !value.isBlank())
        .map(String::valueOf)
        .findFirst();
  }
}
