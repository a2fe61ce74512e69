package dev.caravan.it;

import static java.nio.charset.StandardCharsets.UTF_8;

import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.io.RandomAccessFile;
import java.net.URI;
import java.nio.file.FileVisitResult;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.SimpleFileVisitor;
import java.nio.file.attribute.BasicFileAttributes;
import java.nio.file.attribute.FileTime;
import java.security.DigestInputStream;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HexFormat;
import java.util.List;
import java.util.Random;
import java.util.SortedMap;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/**
 * Makes trees of files and compares them. Names are handled as bytes: in a snapshot they are
 * percent-encoded, so that any name that Linux allows can be told from any other.
 */
final class Trees {

  /** One regular file. */
  record Entry(long sizeBytes, String sha256, Instant modifiedAt) {}

  private Trees() {}

  /** Every kind of name that has broken a program, each with a few bytes of its own. */
  static void zoo(Path root) throws IOException {
    List<byte[]> names = new ArrayList<>();
    for (String name :
        List.of(
            "plain.txt",
            "with space",
            " leading",
            "trailing ",
            "plus+and%20percent%",
            "a&b=c?d#e",
            "quote'\"`$HOME",
            "back\\slash",
            "star*?[x]{y}",
            "semi;colon:pipe|",
            "new\nline",
            "tab\tand\rreturn",
            "-dash",
            "--config",
            "~tilde",
            "...",
            ".hidden",
            "umlaut-äöü",
            "decomposed-a\u0308",
            "kanji-漢字",
            "emoji-😀",
            "fullwidth-～",
            "rtl-\u202eabc",
            "zero\u200bwidth",
            "UPPER",
            "upper",
            "x".repeat(255),
            "é".repeat(127),
            "CON",
            "a.",
            "\u007f",
            "<angle>",
            "@at",
            "!bang",
            "^caret",
            "comma,name",
            "equals=")) {
      names.add(name.getBytes(UTF_8));
    }
    int i = 0;
    for (byte[] name : names) {
      write(raw(root, name), ("content " + i++).getBytes(UTF_8));
    }
    write(root.resolve("empty"), new byte[0]);
    write(root.resolve("one"), new byte[] {'x'});
    Path deep = root;
    for (int level = 0; level < 20; level++) {
      deep = deep.resolve("level-" + level);
    }
    write(deep.resolve("bottom.txt"), "deep".getBytes(UTF_8));
    write(raw(root, "dir with ümlaut & space".getBytes(UTF_8)).resolve("f"), new byte[] {1, 0, 2});
    Files.setLastModifiedTime(
        root.resolve("one"), FileTime.from(Instant.parse("2001-09-09T01:46:40.123456789Z")));
    Files.setLastModifiedTime(root.resolve("empty"), FileTime.from(Instant.EPOCH));
  }

  /** Names that are no text in any encoding. */
  static void rawZoo(Path root) throws IOException {
    write(raw(root, new byte[] {'b', 'a', 'd', (byte) 0xff}), "ff".getBytes(UTF_8));
    write(raw(root, new byte[] {(byte) 0xc3, (byte) 0x28}), "c328".getBytes(UTF_8));
    write(raw(root, new byte[] {'l', (byte) 0xe9, 'a'}), "latin-1".getBytes(UTF_8));
    write(raw(root, new byte[] {(byte) 0xed, (byte) 0xa0, (byte) 0x80}), "cesu".getBytes(UTF_8));
  }

  /**
   * {@code count} files of {@code sizeBytes}, a hundred to a folder, the same for the same seed.
   */
  static void many(Path root, int count, int sizeBytes, long seed) throws IOException {
    Random random = new Random(seed);
    for (int i = 0; i < count; i++) {
      byte[] content = new byte[sizeBytes];
      random.nextBytes(content);
      write(root.resolve("d%03d/f%05d.bin".formatted(i / 100, i)), content);
    }
  }

  /** A file that takes no room on the disk, with a few bytes at its begin, middle and end. */
  static void sparse(Path file, long sizeBytes) throws IOException {
    try (RandomAccessFile content = new RandomAccessFile(file.toFile(), "rw")) {
      content.setLength(sizeBytes);
      for (long at : new long[] {0, sizeBytes / 2, sizeBytes - 8}) {
        content.seek(at);
        content.writeLong(at + 1);
      }
    }
  }

  static void write(Path file, byte[] content) throws IOException {
    Files.createDirectories(file.getParent());
    Files.write(file, content);
  }

  static void write(Path file, String content) throws IOException {
    write(file, content.getBytes(UTF_8));
  }

  /** The child of that name, whatever its bytes; {@code Path.of} would refuse some. */
  static Path raw(Path folder, byte[] name) {
    StringBuilder encoded = new StringBuilder();
    for (byte b : name) {
      encoded.append('%').append(HexFormat.of().toHexDigits(b));
    }
    String base = folder.toUri().toString();
    return Path.of(URI.create(base + (base.endsWith("/") ? "" : "/") + encoded));
  }

  /** The regular files below a folder, without Caravan's own, by percent-encoded path. */
  static SortedMap<String, Entry> snapshot(Path root) throws IOException {
    SortedMap<String, Entry> entries = new TreeMap<>();
    Files.walkFileTree(
        root,
        new SimpleFileVisitor<>() {
          @Override
          public FileVisitResult preVisitDirectory(Path folder, BasicFileAttributes attributes) {
            boolean own = folder.equals(root.resolve(".caravan"));
            return own ? FileVisitResult.SKIP_SUBTREE : FileVisitResult.CONTINUE;
          }

          @Override
          public FileVisitResult visitFile(Path file, BasicFileAttributes attributes)
              throws IOException {
            if (attributes.isRegularFile()) {
              entries.put(
                  encoded(root, file),
                  new Entry(
                      attributes.size(), sha256(file), attributes.lastModifiedTime().toInstant()));
            }
            return FileVisitResult.CONTINUE;
          }
        });
    return entries;
  }

  /** What differs in name, size or content, one line each; times are not compared. */
  static List<String> differences(
      SortedMap<String, Entry> expected, SortedMap<String, Entry> actual) {
    List<String> lines = new ArrayList<>();
    expected.forEach(
        (path, entry) -> {
          Entry other = actual.get(path);
          if (other == null) {
            lines.add("missing: " + path);
          } else if (entry.sizeBytes() != other.sizeBytes()) {
            lines.add("size: " + path + " " + entry.sizeBytes() + " is " + other.sizeBytes());
          } else if (!entry.sha256().equals(other.sha256())) {
            lines.add("content: " + path);
          }
        });
    actual.keySet().stream()
        .filter(path -> !expected.containsKey(path))
        .forEach(path -> lines.add("extra: " + path));
    return lines;
  }

  static String sha256(Path file) throws IOException {
    try (InputStream in = Files.newInputStream(file)) {
      MessageDigest digest = MessageDigest.getInstance("SHA-256");
      new DigestInputStream(in, digest).transferTo(OutputStream.nullOutputStream());
      return HexFormat.of().formatHex(digest.digest());
    } catch (NoSuchAlgorithmException e) {
      throw new IllegalStateException(e);
    }
  }

  /** Removes everything below a folder, and the folder unless {@code keepRoot}. */
  static void remove(Path root, boolean keepRoot) throws IOException {
    Files.walkFileTree(
        root,
        new SimpleFileVisitor<>() {
          @Override
          public FileVisitResult visitFile(Path file, BasicFileAttributes attributes)
              throws IOException {
            Files.delete(file);
            return FileVisitResult.CONTINUE;
          }

          @Override
          public FileVisitResult postVisitDirectory(Path folder, @Nullable IOException fault)
              throws IOException {
            if (!(keepRoot && folder.equals(root))) {
              Files.delete(folder);
            }
            return FileVisitResult.CONTINUE;
          }
        });
  }

  private static String encoded(Path root, Path file) {
    String base = root.toUri().getRawPath();
    String path = file.toUri().getRawPath();
    return path.substring(base.length() + (base.endsWith("/") ? 0 : 1));
  }
}
