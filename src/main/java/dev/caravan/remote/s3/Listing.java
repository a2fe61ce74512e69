package dev.caravan.remote.s3;

import dev.caravan.event.TimeText;
import dev.caravan.remote.ObjectKey;
import dev.caravan.remote.ObjectStat;
import dev.caravan.remote.Remote;
import dev.caravan.remote.RemoteException;
import dev.caravan.remote.RemoteException.Cause;
import dev.caravan.remote.s3.wire.ErrorBody;
import dev.caravan.remote.s3.wire.S3Keys;
import dev.caravan.remote.s3.wire.S3Reply;
import dev.caravan.remote.s3.wire.S3Request;
import dev.caravan.remote.s3.wire.S3Xml;
import java.io.IOException;
import java.time.DateTimeException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.SortedSet;
import java.util.TreeSet;
import javax.xml.stream.XMLStreamException;

/**
 * Lists a bucket, one page of at most 1,000 objects in memory at a time. A page is visited only
 * once it was read to its end, and each says whether another follows: what is cut off or odd
 * throws.
 */
final class Listing {

  /** Ten times what is asked for. */
  private static final int MOST_ROWS = 10_000;

  private static final String ROOT = "ListBucketResult";

  /** One page of many that fails must not end it all; what is visited is not visited again. */
  private static final int TRIES = 5;

  private static final Duration LONGEST = Duration.ofSeconds(30);

  private final S3Connection s3;
  private final S3Patience patience;

  Listing(S3Connection s3, S3Patience patience) {
    this.s3 = s3;
    this.patience = patience;
  }

  void list(String prefix, Remote.Visitor each) throws RemoteException {
    String token = "";
    do {
      Page page = token.isEmpty() ? page(prefix, token, false) : furtherPage(prefix, token);
      for (ObjectStat stat : page.objects) {
        each.visit(stat);
      }
      token = page.next(token);
    } while (!token.isEmpty());
  }

  /**
   * Asks again itself when that may help: who asked for the listing cannot, for it would begin anew
   * and visit the first pages twice.
   */
  private Page furtherPage(String prefix, String token) throws RemoteException {
    Duration wait = patience.look();
    for (int attempt = 1; ; attempt++) {
      try {
        return page(prefix, token, false);
      } catch (RemoteException e) {
        Duration asked = e.retryAfter().orElse(Duration.ZERO);
        boolean helps = e.reason().isTransient() && asked.compareTo(LONGEST) <= 0;
        if (!helps || attempt == TRIES) {
          throw e;
        }
        sleep(asked.compareTo(wait) > 0 ? asked : wait);
        wait = wait.multipliedBy(2);
      }
    }
  }

  private void sleep(Duration wait) throws RemoteException {
    try {
      patience.pause().sleep(wait);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw s3.errors().of(Cause.CANCELLED, "listing", "interrupted", "nothing needs to be done");
    }
  }

  /** The names of the folders right below; the server leaves out what lies in them. */
  SortedSet<String> folders(String prefix) throws RemoteException {
    SortedSet<String> names = new TreeSet<>();
    String token = "";
    do {
      Page page = page(prefix, token, true);
      names.addAll(page.folders);
      token = page.next(token);
    } while (!token.isEmpty());
    return names;
  }

  private Page page(String below, String token, boolean foldersOnly) throws RemoteException {
    String prefix = s3.address().fullKey(below);
    S3Request request =
        S3Request.get("")
            .query("list-type", "2")
            .query("encoding-type", "url")
            .query("max-keys", "1000")
            .query("prefix", prefix);
    if (foldersOnly) {
      request.query("delimiter", "/");
    }
    if (!token.isEmpty()) {
      request.query("continuation-token", token);
    }
    try (S3Reply reply = s3.transport().send(request)) {
      Page page = new Page();
      String root = S3Xml.read(reply.body(), page);
      if (!root.equals(ROOT)) {
        throw new XMLStreamException("<" + root + "> came instead of <" + ROOT + ">");
      }
      page.finish(s3.address().prefix(), prefix);
      return page;
    } catch (XMLStreamException | IllegalArgumentException | DateTimeException e) {
      throw odd(e);
    } catch (IOException e) {
      throw s3.errors().broken(request, e);
    }
  }

  private RemoteException odd(Exception e) {
    return s3.errors()
        .of(
            Cause.SERVER,
            "listing",
            "the answer cannot be read: " + ErrorBody.oneLine(String.valueOf(e.getMessage())),
            "it is tried again");
  }

  /** One page as it is read. */
  private final class Page implements S3Xml.Visitor {
    final List<ObjectStat> objects = new ArrayList<>(1000);
    final List<String> folders = new ArrayList<>();
    private final List<String[]> rows = new ArrayList<>(1000);
    private final List<String> prefixes = new ArrayList<>();
    private String[] row = new String[4];
    private boolean encoded;
    private String truncated = "";
    private String next = "";

    @Override
    public void end(String parent, String name, String text) {
      if (parent.equals("Contents")) {
        switch (name) {
          case "Key" -> row[0] = text;
          case "Size" -> row[1] = text;
          case "LastModified" -> row[2] = text;
          case "ETag" -> row[3] = text;
          default -> {
            // Owner, storage class and the like are not needed.
          }
        }
      } else if (parent.equals("CommonPrefixes") && name.equals("Prefix")) {
        if (prefixes.size() == MOST_ROWS) {
          throw new IllegalArgumentException("a page holds more than " + MOST_ROWS);
        }
        prefixes.add(text);
      } else if (parent.equals(ROOT)) {
        switch (name) {
          case "Contents" -> {
            if (rows.size() == MOST_ROWS) {
              throw new IllegalArgumentException("a page holds more than " + MOST_ROWS);
            }
            rows.add(row);
            row = new String[4];
          }
          case "EncodingType" -> encoded = text.equals("url");
          case "IsTruncated" -> truncated = text;
          case "NextContinuationToken" -> next = text;
          default -> {
            // Echoes of the request.
          }
        }
      }
    }

    /** Only now it is known whether keys were encoded. */
    void finish(String prefix, String asked) {
      for (String[] fields : rows) {
        stat(prefix, fields).ifPresent(objects::add);
      }
      rows.clear();
      for (String each : prefixes) {
        folder(asked, encoded ? S3Keys.decode(each) : each).ifPresent(folders::add);
      }
      if (!truncated.equals("true") && !truncated.equals("false")) {
        throw new IllegalArgumentException("IsTruncated is '" + truncated + "'");
      }
    }

    private Optional<ObjectStat> stat(String prefix, String[] fields) {
      if (fields[0] == null || fields[1] == null || fields[2] == null) {
        throw new IllegalArgumentException("an object lacks its key, size or time");
      }
      String key = encoded ? S3Keys.decode(fields[0]) : fields[0];
      if (!key.startsWith(prefix)) {
        throw new IllegalArgumentException("'" + key + "' does not begin with the prefix");
      }
      String rest = key.substring(prefix.length());
      if (rest.isEmpty() || rest.startsWith("/")) {
        // Someone's folder marker; no file of a store has such a key.
        return Optional.empty();
      }
      return Optional.of(
          new ObjectStat(
              new ObjectKey(rest),
              Long.parseLong(fields[1]),
              TimeText.parse(fields[2]),
              Optional.ofNullable(fields[3]).map(S3Reply::unquote),
              Optional.empty(),
              Optional.empty()));
    }

    /** Empty for {@code //}, which no file of a store leads to. */
    private static Optional<String> folder(String asked, String found) {
      if (!found.startsWith(asked) || !found.endsWith("/")) {
        throw new IllegalArgumentException("'" + found + "' is no folder below the prefix");
      }
      String name = found.substring(asked.length(), found.length() - 1);
      return name.isEmpty() ? Optional.empty() : Optional.of(name);
    }

    String next(String current) throws RemoteException {
      if (truncated.equals("false")) {
        return "";
      }
      if (next.isEmpty() || next.equals(current)) {
        throw odd(new IllegalArgumentException("more follows, but no way to it is told"));
      }
      return next;
    }
  }
}
