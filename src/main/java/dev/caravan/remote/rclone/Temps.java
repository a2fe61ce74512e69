package dev.caravan.remote.rclone;

import dev.caravan.remote.ObjectKey;
import dev.caravan.remote.rclone.rcd.HashType;
import java.nio.charset.StandardCharsets;
import java.util.HexFormat;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicLong;
import java.util.regex.Pattern;

/**
 * Names the temporary files of unfinished puts. A name holds the token of the process, a number,
 * and a hash of the key, so that what a killed process left is told from what is under way here.
 */
final class Temps {

  /** No object; see {@link FolderWalk}. */
  static final String FOLDER = ObjectKey.OWN + "tmp";

  private static final Pattern NAME =
      Pattern.compile("caravan-tmp-[0-9a-f]{16}-[0-9a-f]+-[0-9a-f]{16}");

  private final String token;
  private final AtomicLong next = new AtomicLong();
  private final Set<String> live = ConcurrentHashMap.newKeySet();

  /**
   * @param token differs from that of every other process; 64 bits
   */
  Temps(long token) {
    this.token = HexFormat.of().toHexDigits(token);
  }

  /** A path that no one else uses; nothing is created. */
  String begin(String key) {
    String number = Long.toHexString(next.incrementAndGet());
    String name = "caravan-tmp-" + token + "-" + number + "-" + hashOf(key);
    live.add(name);
    return FOLDER + "/" + name;
  }

  void end(String path) {
    live.remove(path.substring(FOLDER.length() + 1));
  }

  /** True for the name of a temporary file that no put of this process uses. */
  boolean isLeft(String name) {
    return NAME.matcher(name).matches() && !live.contains(name);
  }

  /** True for the name of a temporary file of a put of the key. */
  boolean isOf(String name, String key) {
    return name.endsWith("-" + hashOf(key));
  }

  private static String hashOf(String key) {
    byte[] hash = HashType.SHA256.begin().digest(key.getBytes(StandardCharsets.UTF_8));
    return HexFormat.of().formatHex(hash, 0, 8);
  }
}
