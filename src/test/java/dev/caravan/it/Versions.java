package dev.caravan.it;

import static java.nio.charset.StandardCharsets.US_ASCII;

import java.io.IOException;
import java.io.RandomAccessFile;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.util.Arrays;
import java.util.Optional;

/**
 * Files that say of themselves whether they are complete: made of lines of {@value #LINE} bytes,
 * each with the number of its version and its place. Every way of writing has its own rule for what
 * a complete version is.
 */
final class Versions {

  static final int LINE = 128;
  private static final int LINES = 400;

  /** A way to write a file anew. Between two writes no version is complete. */
  enum Way {
    /** Adds a record of several lines at the end; complete is any number of whole records. */
    APPEND {
      @Override
      void write(Path file, int version) throws IOException {
        byte[] record = lines(version, 8);
        for (byte[] half : halves(record)) {
          Files.write(file, half, StandardOpenOption.CREATE, StandardOpenOption.APPEND);
        }
      }

      @Override
      Optional<String> fault(byte[] content) {
        int records = content.length / (8 * LINE);
        for (int i = 0; i < records; i++) {
          int from = i * 8 * LINE;
          byte[] record = Arrays.copyOfRange(content, from, from + 8 * LINE);
          if (!Arrays.equals(record, lines(i, 8))) {
            return Optional.of("record " + i + " is torn");
          }
        }
        return content.length % (8 * LINE) == 0
            ? Optional.empty()
            : Optional.of("half a record at the end");
      }
    },
    /** Overwrites the same number of lines where they are. */
    REWRITE {
      @Override
      void write(Path file, int version) throws IOException {
        try (RandomAccessFile open = new RandomAccessFile(file.toFile(), "rw")) {
          for (byte[] half : halves(lines(version, LINES))) {
            open.write(half);
          }
        }
      }

      @Override
      Optional<String> fault(byte[] content) {
        return whole(content, LINES);
      }
    },
    /** Writes beside and renames over. */
    RENAME {
      @Override
      void write(Path file, int version) throws IOException {
        Path beside = file.resolveSibling(file.getFileName() + ".part");
        Files.write(beside, new byte[0]);
        for (byte[] half : halves(lines(version, LINES + version % 50))) {
          Files.write(beside, half, StandardOpenOption.APPEND);
        }
        Files.move(beside, file, StandardCopyOption.ATOMIC_MOVE);
      }

      @Override
      Optional<String> fault(byte[] content) {
        return whole(content, LINES + versionOf(content) % 50);
      }
    },
    /** Cuts to nothing, then writes more or fewer lines. */
    TRUNCATE {
      @Override
      void write(Path file, int version) throws IOException {
        try (RandomAccessFile open = new RandomAccessFile(file.toFile(), "rw")) {
          open.setLength(0);
          for (byte[] half : halves(lines(version, LINES + version % 50))) {
            open.write(half);
          }
        }
      }

      @Override
      Optional<String> fault(byte[] content) {
        return whole(content, LINES + versionOf(content) % 50);
      }
    };

    abstract void write(Path file, int version) throws IOException;

    /** Why these bytes are no complete version; empty when they are one. */
    abstract Optional<String> fault(byte[] content);
  }

  private Versions() {}

  /** The version that the first line names; -1 when there is none. */
  static int versionOf(byte[] content) {
    if (content.length < LINE) {
      return -1;
    }
    String first = new String(content, 0, LINE, US_ASCII);
    return Integer.parseInt(first.substring(2, 10));
  }

  private static Optional<String> whole(byte[] content, int lines) {
    int version = versionOf(content);
    if (version < 0) {
      return Optional.of("cut off in the first line");
    }
    return Arrays.equals(content, lines(version, lines))
        ? Optional.empty()
        : Optional.of(
            "not what version " + version + " was: " + content.length / LINE + " of " + lines);
  }

  private static byte[] lines(int version, int count) {
    StringBuilder text = new StringBuilder(count * LINE);
    for (int i = 0; i < count; i++) {
      String begin = "v %08d line %05d ".formatted(version, i);
      text.append(begin).append("x".repeat(LINE - 1 - begin.length())).append('\n');
    }
    return text.toString().getBytes(US_ASCII);
  }

  private static byte[][] halves(byte[] whole) {
    int middle = whole.length / 2 + 7;
    return new byte[][] {
      Arrays.copyOfRange(whole, 0, middle), Arrays.copyOfRange(whole, middle, whole.length)
    };
  }
}
