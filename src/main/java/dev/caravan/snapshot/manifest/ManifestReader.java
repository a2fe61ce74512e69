package dev.caravan.snapshot.manifest;

import java.io.ByteArrayInputStream;
import java.io.EOFException;
import java.io.IOException;
import java.io.InputStream;
import java.security.MessageDigest;
import java.util.Arrays;
import java.util.HexFormat;
import java.util.Map;
import java.util.Optional;
import java.util.zip.GZIPInputStream;
import java.util.zip.ZipException;

/**
 * Reads a manifest, one line in memory at a time. For one thread.
 *
 * <p>Strict: only who has read it to its end, where {@link #next} is empty, knows that it is whole
 * and what was written. A cut, a changed byte, a missing or repeated entry, one out of order or
 * below no folder throws {@link DamagedManifestException}.
 */
public final class ManifestReader implements AutoCloseable {

  private static final int BUFFER = 32 * 1024;

  /** Four times the longest that a path and the target of a link can become. */
  private static final int LONGEST_LINE = 256 * 1024;

  /** More than the end with its numbers at their longest takes. */
  static final int TAIL = 2 * 1024;

  private final ManifestLines lines = new ManifestLines();
  private final EntryOrder order = new EntryOrder();
  private final MessageDigest digest = Hashes.sha256();
  private final long[] counts = new long[ManifestEntry.Kind.values().length];
  private final InputStream in;
  private final ManifestHeader header;
  private byte[] buffer = new byte[BUFFER];
  private int from;
  private int to;
  private int lineStart;
  private long bytes;
  private Optional<ManifestTotals> totals = Optional.empty();

  /**
   * Begins to read.
   *
   * @param compressed is closed with this
   */
  public ManifestReader(InputStream compressed) throws IOException {
    try {
      this.in = new GZIPInputStream(compressed, BUFFER);
      nextLine();
      this.header = lines.header(values());
      digestLine();
    } catch (ZipException | EOFException e) {
      throw damaged(e);
    }
  }

  public ManifestHeader header() {
    return header;
  }

  /**
   * The next entry; empty when all came, and are what was written.
   *
   * @throws DamagedManifestException when it is not whole: what came before must not be used
   */
  public Optional<ManifestEntry> next() throws IOException {
    if (totals.isPresent()) {
      return Optional.empty();
    }
    try {
      nextLine();
      Optional<ManifestEntry> usual = EntryLine.read(buffer, lineStart, from - lineStart);
      ManifestEntry entry;
      if (usual.isPresent()) {
        entry = usual.get();
      } else {
        Map<String, String> values = values();
        if (ManifestLines.isEnd(values)) {
          end(lines.end(values));
          return Optional.empty();
        }
        entry = lines.entry(values);
      }
      String fault = order.faultOf(entry);
      if (!fault.isEmpty()) {
        throw new DamagedManifestException(fault, null);
      }
      digestLine();
      counts[entry.kind().ordinal()]++;
      bytes += entry.sizeBytes();
      return Optional.of(entry);
    } catch (ZipException | EOFException e) {
      throw damaged(e);
    }
  }

  /** What it sums up to; only once {@link #next} was empty. */
  public ManifestTotals totals() {
    return totals.orElseThrow(() -> new IllegalStateException("It was not read to its end"));
  }

  @Override
  public void close() throws IOException {
    in.close();
  }

  /**
   * The totals from the last bytes of a manifest alone: what they say, not whether it is true.
   *
   * @param tail the last {@link #TAIL} bytes, or all when there are fewer
   * @throws DamagedManifestException when the end is not there
   */
  static ManifestTotals totalsIn(byte[] tail) throws DamagedManifestException {
    ManifestLines lines = new ManifestLines();
    for (int at = tail.length - 3; at >= 0; at--) {
      if (tail[at] == 0x1f && tail[at + 1] == (byte) 0x8b && tail[at + 2] == 8) {
        try (InputStream in =
            new GZIPInputStream(new ByteArrayInputStream(tail, at, tail.length - at))) {
          byte[] line = in.readNBytes(LONGEST_LINE);
          Map<String, String> values = lines.values(line, 0, line.length);
          if (ManifestLines.isEnd(values)) {
            return lines.end(values).totals();
          }
        } catch (IOException e) {
          // Three bytes that only look like the begin of a member: it lies before them.
        }
      }
    }
    throw new DamagedManifestException("its last line is not there: it is cut off", null);
  }

  private void end(ManifestLines.End end) throws IOException {
    if (from < to || in.read() >= 0) {
      throw new DamagedManifestException("it goes on after its last line", null);
    }
    String sha256 = HexFormat.of().formatHex(digest.digest());
    if (!sha256.equals(end.sha256())) {
      throw new DamagedManifestException("its lines do not have the checksum of its end", null);
    }
    ManifestTotals said = end.totals();
    ManifestTotals counted =
        new ManifestTotals(
            header.createdAt(),
            counts[ManifestEntry.Kind.FILE.ordinal()],
            counts[ManifestEntry.Kind.FOLDER.ordinal()],
            counts[ManifestEntry.Kind.SYMLINK.ordinal()],
            bytes,
            said.problems());
    if (!said.equals(counted)) {
      throw new DamagedManifestException(
          "its end says " + said + ", and it holds " + counted, null);
    }
    totals = Optional.of(said);
  }

  private Map<String, String> values() throws IOException {
    return lines.values(buffer, lineStart, from - lineStart);
  }

  /** Goes on to the next line; it lies in the buffer from {@code lineStart} to {@code from}. */
  private void nextLine() throws IOException {
    int scanned = from;
    while (true) {
      byte[] bytes = buffer;
      for (int stop = to; scanned < stop; scanned++) {
        if (bytes[scanned] == '\n') {
          lineStart = from;
          from = scanned + 1;
          return;
        }
      }
      scanned -= from;
      fill();
      scanned += from;
    }
  }

  private void fill() throws IOException {
    System.arraycopy(buffer, from, buffer, 0, to - from);
    to -= from;
    from = 0;
    if (to == buffer.length) {
      if (to >= LONGEST_LINE) {
        throw new DamagedManifestException("a line has no end", null);
      }
      buffer = Arrays.copyOf(buffer, 2 * to);
    }
    int count = in.read(buffer, to, buffer.length - to);
    if (count < 0) {
      throw new EOFException("it ends without its last line");
    }
    to += count;
  }

  private void digestLine() {
    digest.update(buffer, lineStart, from - lineStart);
  }

  private static DamagedManifestException damaged(IOException e) {
    return new DamagedManifestException("it is cut off or was changed: " + e.getMessage(), e);
  }
}
