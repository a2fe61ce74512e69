package dev.caravan.config.check;

import java.net.URI;
import java.util.Locale;
import java.util.regex.Pattern;

/** Addresses that only this machine reaches. */
public final class Loopback {

  /** A name is taken by its spelling alone: 127.example.org is anybody's. */
  private static final Pattern NAMES =
      Pattern.compile("localhost|127(\\.[0-9]{1,3}){3}|\\[?(::|(0{1,4}:){7})0{0,3}1]?");

  private Loopback() {}

  /** True for a host that is one, as an address has it: {@code 127.0.0.1}, {@code [::1]}. */
  public static boolean is(String host) {
    return NAMES.matcher(host.toLowerCase(Locale.ROOT)).matches();
  }

  /** True for an address over which others could read: plain http, and not on this machine. */
  public static boolean isReadableOnTheWay(URI address) {
    return "http".equalsIgnoreCase(address.getScheme()) && !is(String.valueOf(address.getHost()));
  }
}
