package dev.caravan.remote.s3;

import dev.caravan.event.StorePath;
import dev.caravan.event.TimeText;
import dev.caravan.remote.ObjectKey;
import dev.caravan.remote.RemoteException;
import dev.caravan.remote.RemoteException.Cause;
import dev.caravan.remote.s3.wire.ErrorBody;
import dev.caravan.remote.s3.wire.S3Keys;
import dev.caravan.remote.s3.wire.S3Reply;
import dev.caravan.remote.s3.wire.S3Request;
import dev.caravan.remote.s3.wire.S3Xml;
import java.io.IOException;
import java.time.DateTimeException;
import java.time.Instant;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.Deque;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import javax.xml.stream.XMLStreamException;

/**
 * Lists the versions of a bucket, one page of at most 1,000 in memory at a time, each key's
 * versions together. After a failure, the same page may be asked for again.
 */
final class VersionListing {

  /** The version of what was put while the bucket kept none. */
  static final String UNVERSIONED = "null";

  private static final String ROOT = "ListVersionsResult";
  private static final int MOST_ROWS = 10_000;

  private final S3Connection s3;
  private final String prefix;
  private final Deque<Entry> entries = new ArrayDeque<>();
  private String keyMarker = "";
  private String versionMarker = "";
  private boolean ended;

  VersionListing(S3Connection s3, String prefix) {
    this.s3 = s3;
    this.prefix = prefix;
  }

  /**
   * A version, or the mark of a deletion.
   *
   * @param at when it came to the remote
   */
  record Entry(ObjectKey key, String version, boolean marker, Instant at) {}

  /** Reads the first page; false when the server knows of no versions. */
  boolean begin() throws RemoteException {
    return load(true);
  }

  /** The entry that comes next; empty at the end. */
  Optional<Entry> peek() throws RemoteException {
    while (entries.isEmpty() && !ended) {
      load(false);
    }
    return Optional.ofNullable(entries.peek());
  }

  void drop() {
    entries.remove();
  }

  private boolean load(boolean first) throws RemoteException {
    S3Request request =
        S3Request.get("")
            .query("versions", "")
            .query("encoding-type", "url")
            .query("max-keys", "1000")
            .query("prefix", s3.address().fullKey(prefix));
    if (!keyMarker.isEmpty()) {
      request.query("key-marker", keyMarker);
      if (!versionMarker.isEmpty()) {
        request.query("version-id-marker", versionMarker);
      }
    }
    try (S3Reply reply = s3.transport().exchange(request)) {
      if (first && (reply.status() == 501 || reply.status() == 405)) {
        return false;
      }
      if (!reply.isGood()) {
        throw s3.errors().refused(request, reply);
      }
      Page page = new Page();
      String root = S3Xml.read(reply.body(), page);
      if (first && root.equals("ListBucketResult")) {
        // It does not know the question, and answered another.
        return false;
      }
      if (!root.equals(ROOT)) {
        throw new XMLStreamException("<" + root + "> came instead of <" + ROOT + ">");
      }
      take(page);
      return true;
    } catch (XMLStreamException | IllegalArgumentException | DateTimeException e) {
      throw s3.errors()
          .of(
              Cause.SERVER,
              "listing versions",
              "the answer cannot be read: " + ErrorBody.oneLine(String.valueOf(e.getMessage())),
              "it is tried again");
    } catch (IOException e) {
      throw s3.errors().broken(request, e);
    }
  }

  private void take(Page page) {
    List<Entry> found = new ArrayList<>();
    String last = "";
    for (Map<String, String> row : page.rows) {
      String key = page.decoded(need(row, "Key"));
      last = StorePath.compareUtf8(key, last) > 0 ? key : last;
      entry(key, row).ifPresent(found::add);
    }
    String truncated = page.fields.getOrDefault("IsTruncated", "");
    if (!truncated.equals("true") && !truncated.equals("false")) {
      throw new IllegalArgumentException("IsTruncated is '" + truncated + "'");
    }
    if (truncated.equals("true")) {
      String next = page.fields.getOrDefault("NextKeyMarker", "");
      // Some servers encode it and some do not; most often it is the last key of the page.
      String marker = next.equals(last) ? next : page.decoded(next);
      String version = page.fields.getOrDefault("NextVersionIdMarker", "");
      if (marker.isEmpty() || (marker.equals(keyMarker) && version.equals(versionMarker))) {
        throw new IllegalArgumentException("more follows, but no way to it is told");
      }
      keyMarker = marker;
      versionMarker = version;
    } else {
      ended = true;
    }
    // A server may list the marks of deletions after the versions.
    found.sort(Comparator.comparing(each -> each.key().value(), StorePath::compareUtf8));
    entries.addAll(found);
  }

  private Optional<Entry> entry(String key, Map<String, String> row) {
    String above = s3.address().prefix();
    if (!key.startsWith(above)) {
      throw new IllegalArgumentException("'" + key + "' does not begin with the prefix");
    }
    String rest = key.substring(above.length());
    if (rest.isEmpty() || rest.startsWith("/")) {
      return Optional.empty();
    }
    return Optional.of(
        new Entry(
            new ObjectKey(rest),
            row.getOrDefault("VersionId", UNVERSIONED),
            row.containsKey(Page.MARKER),
            TimeText.parse(need(row, "LastModified"))));
  }

  private static String need(Map<String, String> row, String name) {
    String value = row.get(name);
    if (value == null || value.isEmpty()) {
      throw new IllegalArgumentException("a version lacks its " + name);
    }
    return value;
  }

  /** One page as it is read. */
  private static final class Page implements S3Xml.Visitor {
    static final String MARKER = "DeleteMarker";
    private static final Set<String> ROWS = Set.of("Version", MARKER);

    final List<Map<String, String>> rows = new ArrayList<>(1000);
    final Map<String, String> fields = new HashMap<>();
    private Map<String, String> row = new HashMap<>();

    @Override
    public void end(String parent, String name, String text) {
      if (ROWS.contains(parent)) {
        row.put(name, text);
      } else if (parent.equals(ROOT) && ROWS.contains(name)) {
        if (rows.size() == MOST_ROWS) {
          throw new IllegalArgumentException("a page holds more than " + MOST_ROWS);
        }
        if (name.equals(MARKER)) {
          row.put(MARKER, "");
        }
        rows.add(row);
        row = new HashMap<>();
      } else if (parent.equals(ROOT)) {
        fields.put(name, text);
      }
    }

    String decoded(String key) {
      return fields.getOrDefault("EncodingType", "").equals("url") ? S3Keys.decode(key) : key;
    }
  }
}
