package dev.caravan.catalog;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.caravan.catalog.sql.Session;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

@Timeout(30)
class CatalogWriterTest {

  @TempDir Path folder;
  private Catalog catalog;

  @BeforeEach
  void open() {
    catalog = Catalog.open(folder);
    catalog.commit(session -> session.execute("CREATE TABLE note (n INTEGER)"));
  }

  @AfterEach
  void close() {
    catalog.close();
  }

  private static void note(Session session, int number) {
    session.createUpdate("INSERT INTO note VALUES (:n)").bind("n", number).execute();
  }

  private List<Integer> notes() {
    return catalog.read(
        session ->
            session
                .createQuery("SELECT n FROM note ORDER BY rowid")
                .map(row -> row.getInt(1))
                .list());
  }

  @Test
  void changesKeepTheirOrder() {
    List<Integer> expected = new ArrayList<>();
    for (int i = 0; i < 500; i++) {
      int number = i;
      expected.add(i);
      if (i % 7 == 0) {
        catalog.commit(session -> note(session, number));
      } else {
        catalog.submit(session -> note(session, number));
      }
    }
    catalog.flush();
    assertThat(notes()).isEqualTo(expected);
  }

  @Test
  void changesThatNobodyWaitsForShareATransaction() throws Exception {
    CountDownLatch go = new CountDownLatch(1);
    CompletableFuture<Void> first = catalog.submit(session -> await(go));
    List<Long> versions = new ArrayList<>();
    CompletableFuture<Void> last = first;
    for (int i = 0; i < 100; i++) {
      int number = i;
      last =
          catalog.submit(
              session -> {
                note(session, number);
                versions.add(session.createQuery("PRAGMA data_version").mapToLong().one());
              });
    }
    assertThat(notes()).isEmpty();
    go.countDown();
    last.get(5, TimeUnit.SECONDS);
    assertThat(first).isCompleted();
    assertThat(notes()).hasSize(100);
    assertThat(versions).as("one connection, no other writer").containsOnly(versions.get(0));
  }

  private static void await(CountDownLatch latch) {
    try {
      latch.await();
    } catch (InterruptedException e) {
      throw new IllegalStateException(e);
    }
  }

  @Test
  void aChangeThatNobodyWaitsForIsCommittedWithinASecond() throws Exception {
    catalog.submit(session -> note(session, 1)).get(2, TimeUnit.SECONDS);
    assertThat(notes()).containsExactly(1);
  }

  @Test
  void aChangeThatFailsTakesOnlyItselfBack() {
    CompletableFuture<Void> before = catalog.submit(session -> note(session, 1));
    CompletableFuture<Void> bad =
        catalog.submit(
            session -> {
              note(session, 2);
              session.execute("INSERT INTO nowhere VALUES (1)");
            });
    CompletableFuture<Void> after = catalog.submit(session -> note(session, 3));
    catalog.flush();
    assertThat(notes()).containsExactly(1, 3);
    assertThat(before).isCompleted();
    assertThat(after).isCompleted();
    assertThatThrownBy(bad::get)
        .isInstanceOf(ExecutionException.class)
        .hasMessageContaining("nowhere");
  }

  @Test
  void theCallerOfAFailingChangeGetsItsException() {
    assertThatThrownBy(
            () ->
                catalog.commit(
                    session -> {
                      throw new IllegalArgumentException("mine");
                    }))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessage("mine");
  }

  @Test
  void anErrorInAChangeDoesNotEndTheWriter() {
    assertThatThrownBy(
            () ->
                catalog.commit(
                    session -> {
                      note(session, 1);
                      throw new AssertionError("worse");
                    }))
        .hasRootCauseMessage("worse");
    catalog.commit(session -> note(session, 2));
    assertThat(notes()).containsExactly(2);
  }

  /** SQLite takes the whole transaction back by itself when the disk is full. */
  @Test
  void whenTheWholeTransactionIsTakenBackEverybodyInItIsTold() {
    CompletableFuture<Void> before = catalog.submit(session -> note(session, 1));
    assertThatThrownBy(
            () ->
                catalog.commit(
                    session -> {
                      session.execute("ROLLBACK");
                      throw new IllegalStateException("disk full");
                    }))
        .isInstanceOf(RuntimeException.class);
    assertThat(before).isCompletedExceptionally();
    assertThat(notes()).isEmpty();
    catalog.commit(session -> note(session, 2));
    assertThat(notes()).containsExactly(2);
  }

  @Test
  void aFullDiskFailsTheChangeAndTheNextOneThatFitsGoesOn() {
    assertThatThrownBy(
            () ->
                catalog.commit(
                    session -> {
                      session.createQuery("PRAGMA max_page_count = 60").mapToLong().one();
                      session.execute("CREATE TABLE big AS SELECT zeroblob(9000000) AS b");
                    }))
        .hasMessageContaining("full");
    catalog.commit(
        session -> session.createQuery("PRAGMA max_page_count = 1000000").mapToLong().one());
    catalog.commit(session -> note(session, 2));
    assertThat(notes()).containsExactly(2);
  }

  @Test
  void closingCommitsWhatIsQueued() {
    for (int i = 0; i < 50; i++) {
      int number = i;
      catalog.submit(session -> note(session, number));
    }
    catalog.close();
    catalog = Catalog.open(folder);
    assertThat(notes()).hasSize(50);
  }

  @Test
  void afterClosingAChangeIsRefusedAndNotHungUp() {
    catalog.close();
    assertThatThrownBy(() -> catalog.commit(session -> note(session, 1)))
        .isInstanceOf(CatalogException.class)
        .hasMessageContaining("closed");
    catalog.close();
  }

  @Test
  void whoeverChangesWhileItClosesIsAnswered() throws Exception {
    List<Thread> threads = new ArrayList<>();
    for (int i = 0; i < 8; i++) {
      Thread thread =
          new Thread(
              () -> {
                try {
                  while (true) {
                    catalog.commit(session -> note(session, 1));
                  }
                } catch (CatalogException e) {
                  // closed: that is an answer
                }
              });
      thread.start();
      threads.add(thread);
    }
    catalog.close();
    for (Thread thread : threads) {
      thread.join(10_000);
      assertThat(thread.isAlive()).isFalse();
    }
  }

  @Test
  void anInterruptedThreadsChangeIsMadeAndTheInterruptStays() throws Exception {
    AtomicBoolean stillSet = new AtomicBoolean();
    Thread thread =
        new Thread(
            () -> {
              Thread.currentThread().interrupt();
              catalog.commit(session -> note(session, 1));
              stillSet.set(Thread.currentThread().isInterrupted());
            });
    thread.start();
    thread.join();
    assertThat(notes()).containsExactly(1);
    assertThat(stillSet).isTrue();
  }
}
