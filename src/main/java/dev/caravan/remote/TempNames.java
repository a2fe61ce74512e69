package dev.caravan.remote;

import dev.caravan.event.ObjectContent;
import java.nio.charset.StandardCharsets;
import java.util.HexFormat;
import java.util.concurrent.atomic.AtomicLong;
import java.util.regex.Pattern;

/**
 * Names the temporary files of unfinished puts, at remotes that are file systems.
 *
 * <p>A name holds the token of the process, a number, and a hash of the key: so the next process
 * finds what a killed one left of a key, and never touches what is being written here and now.
 */
public final class TempNames {

  /** Below the root, on the same file system as most of it. */
  public static final String FOLDER = ObjectKey.OWN + "tmp";

  private static final String PART = ".caravan-part-";

  private static final Pattern NAME =
      Pattern.compile("\\.caravan-(tmp-[0-9a-f]{16}-[0-9a-f]+|part-[0-9a-f]{16})-[0-9a-f]{16}");

  private final String token;
  private final AtomicLong next = new AtomicLong();

  /**
   * Names for one process.
   *
   * @param token differs from that of every other process; 64 bits
   */
  public TempNames(long token) {
    this.token = HexFormat.of().toHexDigits(token);
  }

  /** A name that no other put has. */
  public String next(ObjectKey key) {
    String number = Long.toHexString(next.incrementAndGet());
    return ".caravan-tmp-" + token + "-" + number + "-" + hashOf(key);
  }

  /**
   * The name that every put of this content under this key has, in any process: what is there of it
   * may be gone on with.
   */
  public static String part(ObjectKey key, ObjectContent content) {
    return PART + content.sha256().substring(0, 16) + "-" + hashOf(key);
  }

  /** True for the name of a temporary file, wherever it lies. */
  public static boolean isTemp(String name) {
    return NAME.matcher(name).matches();
  }

  /** True for a temporary file that a later put may go on with. */
  public static boolean isPart(String name) {
    return name.startsWith(PART) && isTemp(name);
  }

  /** True for a temporary file of a put of this key. */
  public static boolean isOf(ObjectKey key, String name) {
    return isTemp(name) && name.endsWith("-" + hashOf(key));
  }

  private static String hashOf(ObjectKey key) {
    byte[] hash = Sha256.of(key.value().getBytes(StandardCharsets.UTF_8));
    return HexFormat.of().formatHex(hash, 0, 8);
  }
}
