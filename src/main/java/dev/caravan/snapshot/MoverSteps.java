package dev.caravan.snapshot;

import dev.caravan.snapshot.manifest.ManifestEntry;
import dev.caravan.snapshot.move.Batch;
import java.util.Iterator;
import java.util.List;
import java.util.NoSuchElementException;
import org.apache.camel.Body;
import org.apache.camel.Exchange;
import org.apache.camel.ExchangeProperty;

/** The steps that the routes of the mover are made of; registered as the bean {@code datamover}. */
public final class MoverSteps {

  private static final String ENGINE = "CamelCaravanEngine";

  private final MoverRun run;

  public MoverSteps(MoverRun run) {
    this.run = run;
  }

  /** Tests the connection, before the first byte. */
  public void connect(Exchange exchange) throws Exception {
    run.connect();
    exchange.getMessage().setHeader(ENGINE, run.isRclone() ? "rclone" : "native");
  }

  /** Looks at the source and at the last backup; halts where a person must look first. */
  public void plan() throws Exception {
    run.plan();
  }

  /** The body becomes what is to be moved, some files at a time. */
  public Iterator<Batch> batches() throws Exception {
    return guarded(run.batches());
  }

  /** Moves some files. */
  public void move(@Body Batch batch) {
    run.move(batch);
  }

  /** Stores the manifest. */
  public void seal() throws Exception {
    run.seal();
  }

  /** The body becomes what is to be verified, some files at a time; often nothing. */
  public Iterator<List<ManifestEntry>> portions() throws Exception {
    return guarded(run.portions());
  }

  /**
   * What is thrown while a split asks for more, an error above all, would make it wait for ever.
   */
  private <T> Iterator<T> guarded(Iterator<T> all) {
    return new Iterator<>() {
      @Override
      public boolean hasNext() {
        try {
          return all.hasNext();
        } catch (RuntimeException | Error e) {
          run.fail(e);
          return false;
        }
      }

      @Override
      public T next() {
        try {
          return all.next();
        } catch (NoSuchElementException e) {
          throw e;
        } catch (RuntimeException | Error e) {
          run.fail(e);
          throw new IllegalStateException("failed inside: " + e, e);
        }
      }
    };
  }

  /** Verifies some files. */
  public void ask(@Body List<ManifestEntry> files) {
    run.ask(files);
  }

  /** Ends the verification. */
  public void verified() throws Exception {
    run.verified();
  }

  /** Lets the rclone binary move everything. */
  public void rclone() throws Exception {
    run.rclone();
  }

  /** Removes what nobody keeps. */
  public void expire() throws Exception {
    run.expire();
  }

  /** Something ended it; {@link #end} follows. */
  public void fail(@ExchangeProperty(Exchange.EXCEPTION_CAUGHT) Throwable fault) {
    run.fail(fault);
  }

  /** Says how it went. */
  public void end() {
    run.end();
  }
}
