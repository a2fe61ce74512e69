package dev.caravan.it;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.atomic.AtomicReference;
import java.util.concurrent.locks.LockSupport;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.api.parallel.Execution;
import org.junit.jupiter.api.parallel.ExecutionMode;

/** A database that a program writes to all the time is mirrored as what it has committed. */
@Execution(ExecutionMode.CONCURRENT)
class LiveDatabaseIT {

  private static final int CYCLES = 2;

  @TempDir Path folder;

  /** Each transaction adds a row to both tables; half of one is never to be seen. */
  private static final class Writer implements AutoCloseable {
    private final AtomicBoolean over = new AtomicBoolean();
    private final AtomicLong committed = new AtomicLong();
    private final AtomicReference<Exception> fault = new AtomicReference<>();
    private final Thread thread;

    Writer(Path database) {
      thread = new Thread(() -> work(database), "writer");
      thread.start();
      Awaitility.await().until(() -> committed.get() > 50 || fault.get() != null);
    }

    private void work(Path database) {
      try (Connection connection = DriverManager.getConnection("jdbc:sqlite:" + database);
          Statement sql = connection.createStatement()) {
        sql.execute("PRAGMA journal_mode=WAL");
        sql.execute("PRAGMA synchronous=NORMAL");
        sql.execute("PRAGMA wal_autocheckpoint=200");
        sql.execute("CREATE TABLE left_side (id INTEGER PRIMARY KEY, text TEXT)");
        sql.execute("CREATE TABLE right_side (id INTEGER PRIMARY KEY, text TEXT)");
        connection.setAutoCommit(false);
        while (!over.get()) {
          for (String table : new String[] {"left_side", "right_side"}) {
            sql.execute("INSERT INTO " + table + " (text) VALUES (hex(randomblob(60)))");
          }
          connection.commit();
          committed.incrementAndGet();
          // Else it would fill the disk.
          LockSupport.parkNanos(TimeUnit.MILLISECONDS.toNanos(1));
        }
      } catch (SQLException e) {
        fault.set(e);
      }
    }

    @Override
    public void close() throws InterruptedException {
      over.set(true);
      thread.join();
      assertThat(fault).as("what befell the writer").hasNullValue();
    }
  }

  /** How many transactions the copy of a database holds, looked at in another place. */
  private long transactionsIn(Path object, int number) throws Exception {
    Path copy = Files.createDirectories(folder.resolve("look" + number)).resolve("copy.db");
    Files.copy(object, copy);
    try (Connection connection = DriverManager.getConnection("jdbc:sqlite:" + copy);
        Statement sql = connection.createStatement()) {
      assertThat(one(sql, "PRAGMA integrity_check")).isEqualTo("ok");
      assertThat(one(sql, "SELECT COUNT(*) FROM left_side"))
          .isEqualTo(one(sql, "SELECT COUNT(*) FROM right_side"))
          .isEqualTo(one(sql, "SELECT MAX(id) FROM right_side"));
      return Long.parseLong(one(sql, "SELECT COUNT(*) FROM right_side"));
    }
  }

  private static String one(Statement sql, String query) throws SQLException {
    try (ResultSet rows = sql.executeQuery(query)) {
      return rows.getString(1);
    }
  }

  @Test
  void whatIsCommittedIsMirroredAndThePurgeLeavesItAlone() throws Exception {
    CaravanSetup caravan =
        CaravanSetup.in(folder)
            .mirror("store.settle=0s", "store.watch=false", "purge.min_age=0s", "purge.protect=[]");
    Path database = caravan.store().resolve("d/live.db");
    Files.createDirectories(database.getParent());
    Trees.write(caravan.store().resolve("d/notes-wal"), "no database");
    try (Writer writer = new Writer(database)) {
      for (int cycle = 0; cycle < CYCLES; cycle++) {
        long before = writer.committed.get();
        Outcome sync = caravan.cli("sync", "--json");
        assertThat(sync.exitCode()).as("%s", sync).isZero();
        assertThat(caravan.remote().resolve("d/live.db")).as("%s", sync).exists();
        assertThat(transactionsIn(caravan.remote().resolve("d/live.db"), cycle))
            .as("%s", sync)
            .isBetween(before, writer.committed.get() + 1);
      }
      assertThat(caravan.store().resolve("d/live.db-wal")).isNotEmptyFile();
      Outcome purge = caravan.cli("purge", "--older-than", "0s", "--json");
      assertThat(purge.json().at("/counts/purged").asInt()).as("%s", purge).isEqualTo(1);
      assertThat(database).exists();
      assertThat(caravan.store().resolve("d/notes-wal")).doesNotExist();
    }
    assertThat(caravan.remote().resolve("d/live.db-wal")).doesNotExist();
    assertThat(caravan.remote().resolve("d/live.db-shm")).doesNotExist();
    assertThat(caravan.remote().resolve("d/notes-wal")).hasContent("no database");
    assertThat(caravan.store().resolve("d/live.db-wal")).doesNotExist();

    // Its owner has closed it: from here on it is a file as any other.
    assertThat(caravan.cli("sync").exitCode()).isZero();
    assertThat(caravan.remote().resolve("d/live.db")).hasSameBinaryContentAs(database);
    Outcome purge = caravan.cli("purge", "--older-than", "0s", "--json");
    assertThat(purge.json().at("/counts/purged").asInt()).as("%s", purge).isEqualTo(1);
    assertThat(database).doesNotExist();
    try (var left = Files.list(caravan.store().resolve(".caravan"))) {
      assertThat(left.map(file -> file.getFileName().toString()))
          .noneMatch(name -> name.startsWith("database-"));
    }
  }

  @Test
  void aDatabaseThatItsOwnerLeftWithItsLogIsNotChanged() throws Exception {
    CaravanSetup caravan = CaravanSetup.in(folder).mirror("store.settle=0s", "store.watch=false");
    Path elsewhere = Files.createDirectories(folder.resolve("elsewhere")).resolve("live.db");
    try (Writer writer = new Writer(elsewhere)) {
      assertThat(writer.committed.get()).isPositive();
    }
    Path database = caravan.store().resolve("crashed.db");
    Files.createDirectories(caravan.store());
    try (Connection connection = DriverManager.getConnection("jdbc:sqlite:" + elsewhere);
        Statement sql = connection.createStatement()) {
      sql.execute("INSERT INTO left_side (text) VALUES ('last')");
      sql.execute("INSERT INTO right_side (text) VALUES ('last')");
      Files.copy(elsewhere, database);
      Files.copy(Path.of(elsewhere + "-wal"), Path.of(database + "-wal"));
    }
    var before = Trees.snapshot(caravan.store());
    for (int cycle = 0; cycle < 2; cycle++) {
      Outcome sync = caravan.cli("sync", "--json");
      assertThat(sync.exitCode()).as("%s", sync).isZero();
      assertThat(sync.json().at("/counts/uploaded").asInt()).as("%s", sync).isEqualTo(1 - cycle);
    }
    assertThat(transactionsIn(caravan.remote().resolve("crashed.db"), 0))
        .isEqualTo(transactionsIn(elsewhere, 1));
    assertThat(Trees.snapshot(caravan.store())).isEqualTo(before);
    assertThat(Path.of(database + "-shm")).doesNotExist();
  }
}
