package dev.caravan.snapshot.manifest;

import dev.caravan.event.ObjectContent;
import java.io.IOException;
import java.io.OutputStream;
import java.security.MessageDigest;
import java.util.HexFormat;
import java.util.zip.GZIPOutputStream;

/**
 * Writes a manifest, entry by entry in their order. For one thread.
 *
 * <p>What is written is held compressed in memory, about 60 bytes for each file, until it is
 * stored: a manifest that nobody could finish is never seen.
 */
public final class ManifestWriter {

  private static final int BUFFER = 32 * 1024;

  /** Half of what is written are digests, of which no level makes less. */
  private static final int LEVEL = 3;

  private final ManifestLines lines = new ManifestLines();
  private final EntryOrder order = new EntryOrder();
  private final Chunks chunks = new Chunks();
  private final ManifestHeader header;
  private final MessageDigest digest = Hashes.sha256();
  private final GZIPOutputStream body;
  private final long[] counts = new long[ManifestEntry.Kind.values().length];
  private long bytes;

  private static final class QuickGzip extends GZIPOutputStream {
    QuickGzip(OutputStream out) throws IOException {
      super(out, BUFFER);
      def.setLevel(LEVEL);
    }
  }

  public ManifestWriter(ManifestHeader header) {
    this.header = header;
    try {
      this.body = new QuickGzip(chunks);
    } catch (IOException e) {
      throw new IllegalStateException("Memory refused bytes", e);
    }
    write(lines.header(header));
  }

  /**
   * Appends an entry.
   *
   * @throws IllegalArgumentException when it does not follow the last one, or the folder that it
   *     lies in was not added before it
   */
  public void add(ManifestEntry entry) {
    String fault = order.faultOf(entry);
    if (!fault.isEmpty()) {
      throw new IllegalArgumentException("Manifest: " + fault);
    }
    write(lines.entry(entry));
    counts[entry.kind().ordinal()]++;
    bytes += entry.sizeBytes();
  }

  /** What was added so far. */
  public ManifestTotals totals(long problems) {
    return new ManifestTotals(
        header.createdAt(),
        counts[ManifestEntry.Kind.FILE.ordinal()],
        counts[ManifestEntry.Kind.FOLDER.ordinal()],
        counts[ManifestEntry.Kind.SYMLINK.ordinal()],
        bytes,
        problems);
  }

  /**
   * Ends the manifest; call it once, and nothing after it.
   *
   * @param problems how many names of the source could not be taken along
   * @return to be stored under {@link ManifestObject#keyIn}
   */
  public ObjectContent finish(long problems) {
    String sha256 = HexFormat.of().formatHex(digest.digest());
    byte[] end = lines.end(new ManifestLines.End(totals(problems), sha256));
    try {
      body.close();
      // A member of its own, so that the totals can be read without all that is before them.
      try (GZIPOutputStream last = new GZIPOutputStream(chunks)) {
        last.write(end);
      }
    } catch (IOException e) {
      throw new IllegalStateException("Memory refused bytes", e);
    }
    return new ChunkContent(chunks, header.createdAt());
  }

  private void write(byte[] line) {
    digest.update(line);
    try {
      body.write(line);
    } catch (IOException e) {
      throw new IllegalStateException("Memory refused bytes", e);
    }
  }
}
