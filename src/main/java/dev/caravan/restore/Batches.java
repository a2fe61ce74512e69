package dev.caravan.restore;

import dev.caravan.catalog.FileRow;
import dev.caravan.event.StorePath;
import dev.caravan.restore.Restores.Brought;
import java.io.IOException;
import java.util.HashMap;
import java.util.Map;
import java.util.Objects;
import java.util.concurrent.CompletableFuture;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Brings the files of a run, a batch at a time, beside those who want single ones of them. */
final class Batches {

  private static final Logger LOG = LoggerFactory.getLogger("caravan.restore");

  private final Restores restores;
  private final Restorer restorer;
  private final Bulk bulk;

  Batches(Restores restores, Restorer restorer, Bulk bulk) {
    this.restores = restores;
    this.restorer = restorer;
    this.bulk = bulk;
  }

  /** Is told what became of the files of a batch, by one thread. */
  interface Told {
    void there(FileRow row, Brought brought);

    void failed(FileRow row, RestoreException fault);
  }

  /**
   * Makes the files of a batch local, on the caller's thread unless they are large; returns once
   * the caller was told of each. Of those that are not begun when it is cancelled, nothing is told.
   */
  void bring(RestoreBatch batch, Restorer.Ask ask, Told told) {
    Claimed claimed = new Claimed();
    if (batch.isSmall()) {
      try (Reservations.Room room = restorer.take(batch.bytes())) {
        bulk.bring(batch.rows().stream().map(FileRow::path).toList(), ask, claimed);
      } catch (RestoreException | IOException | RuntimeException e) {
        // Those that were not begun are brought one by one, and each says what is in its way.
        LOG.debug("A batch was not brought at once", e);
      }
    }
    for (FileRow row : batch.rows()) {
      CompletableFuture<Brought> file = claimed.files.get(row.path());
      if (file == null && ask.cancelled().getAsBoolean()) {
        continue;
      }
      try {
        told.there(row, Restores.await(file == null ? restores.begin(row.path(), ask) : file));
      } catch (RestoreException e) {
        told.failed(row, e);
      }
    }
  }

  /** What others bring is waited for once the own files are there. */
  private final class Claimed implements Bulk.Claims {
    private final Map<StorePath, CompletableFuture<Brought>> files = new HashMap<>();

    @Override
    public boolean take(StorePath path) {
      CompletableFuture<Brought> mine = new CompletableFuture<>();
      CompletableFuture<Brought> whose = restores.claim(path, mine);
      files.put(path, whose);
      return whose == mine;
    }

    @Override
    public void settle(StorePath path, Bulk.Outcome outcome) {
      restores.settle(path, Objects.requireNonNull(files.get(path)), outcome);
    }
  }
}
