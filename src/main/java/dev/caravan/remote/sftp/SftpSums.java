package dev.caravan.remote.sftp;

import dev.caravan.event.ObjectContent;
import dev.caravan.event.WantedSums;
import dev.caravan.remote.Sha256;
import dev.caravan.remote.StoredObject.Proof;
import dev.caravan.remote.TextContent;
import java.io.IOException;
import java.security.MessageDigest;
import java.time.Duration;
import java.util.Arrays;
import java.util.HexFormat;
import java.util.List;
import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * Says what a file at the server holds: the server computes it where a shell is allowed, else the
 * file is read back. A sum that is not the expected one is looked into by reading, for a shell may
 * see another tree than SFTP does.
 */
final class SftpSums {

  /** Smaller files are read back sooner than a server starts a shell. */
  static final long SHELL_FROM_BYTES = 1 << 20;

  /** The slowest disk that is waited for. */
  private static final long BYTES_PER_SECOND = 1 << 20;

  private static final Duration START_LIMIT = Duration.ofMinutes(2);

  /** For a sum of a few bytes; a server without a shell may not answer at all. */
  private static final Duration LEARN_LIMIT = Duration.ofSeconds(15);

  /** As md5sum and its sisters write it; a backslash in front when the name has odd characters. */
  private static final Pattern LINE = Pattern.compile("(?m)^\\\\?([0-9a-f]{32,64}) [ *]");

  private static final List<Tool> TOOLS =
      List.of(
          new Tool("sha256sum", "xargs -0 sha256sum -b --", 64),
          new Tool("shasum", "xargs -0 shasum -a 256 -b --", 64),
          new Tool("md5sum", "xargs -0 md5sum -b --", 32));

  private volatile Optional<Tool> tool = Optional.empty();

  /**
   * A program at the server.
   *
   * @param digits of its sums, which tell SHA-256 from MD5
   */
  private record Tool(String name, String command, int digits) {
    boolean isSha256() {
      return digits == 64;
    }
  }

  /**
   * Finds out which program can be used, by a file whose content is known.
   *
   * @return what is used, in words
   */
  String learn(SftpLine line, SftpPath file, TextContent content) {
    Optional<Tool> found = Optional.empty();
    if (SftpShell.run(line.session(), "echo shell", new byte[0], LEARN_LIMIT)
        .filter(said -> said.contains("shell"))
        .isPresent()) {
      found = TOOLS.stream().filter(each -> knows(each, line, file, content)).findFirst();
    }
    tool = found;
    return found.map(each -> each.name() + " at the server").orElse("read back");
  }

  WantedSums wanted(long sizeBytes) {
    return WantedSums.md5(
        sizeBytes >= SHELL_FROM_BYTES && tool.filter(each -> !each.isSha256()).isPresent());
  }

  /** How the file was shown to hold this content; empty when it does not. */
  Optional<Proof> proof(SftpLine line, SftpPath file, ObjectContent content)
      throws SftpFailure, IOException {
    Optional<Tool> usable = tool.filter(each -> content.sizeBytes() >= SHELL_FROM_BYTES);
    if (usable.isPresent() && agrees(usable.get(), line, file, content)) {
      return Optional.of(Proof.SERVER_CHECKED);
    }
    boolean same = readBack(line, file).equals(content.sha256());
    return same ? Optional.of(Proof.READ_BACK) : Optional.empty();
  }

  /** The SHA-256 of a file, computed over all its bytes now. */
  String sha256(SftpLine line, SftpPath file, long sizeBytes) throws SftpFailure {
    Optional<Tool> usable = tool.filter(each -> each.isSha256() && sizeBytes >= SHELL_FROM_BYTES);
    Optional<String> said =
        usable.isPresent() ? sum(usable.get(), line, file, limitFor(sizeBytes)) : Optional.empty();
    return said.isPresent() ? said.get() : readBack(line, file);
  }

  private static boolean knows(Tool tool, SftpLine line, SftpPath file, TextContent content) {
    String expected = tool.isSha256() ? content.sha256() : HexFormat.of().formatHex(content.md5());
    return sum(tool, line, file, LEARN_LIMIT).equals(Optional.of(expected));
  }

  private static boolean agrees(Tool tool, SftpLine line, SftpPath file, ObjectContent content)
      throws IOException {
    String expected = tool.isSha256() ? content.sha256() : HexFormat.of().formatHex(content.md5());
    return sum(tool, line, file, limitFor(content.sizeBytes())).equals(Optional.of(expected));
  }

  private static Duration limitFor(long sizeBytes) {
    return START_LIMIT.plusSeconds(sizeBytes / BYTES_PER_SECOND);
  }

  private static Optional<String> sum(Tool tool, SftpLine line, SftpPath file, Duration limit) {
    byte[] name = file.bytes();
    return SftpShell.run(
            line.session(), tool.command(), Arrays.copyOf(name, name.length + 1), limit)
        .map(LINE::matcher)
        .filter(Matcher::find)
        .map(found -> found.group(1))
        .filter(sum -> sum.length() == tool.digits());
  }

  private static String readBack(SftpLine line, SftpPath file) throws SftpFailure {
    MessageDigest digest = Sha256.begin();
    byte[] buffer = new byte[64 * 1024];
    try (SftpReading in = line.read(file, 0, -1)) {
      for (int read = in.read(buffer); read >= 0; read = in.read(buffer)) {
        digest.update(buffer, 0, read);
      }
    }
    return HexFormat.of().formatHex(digest.digest());
  }
}
