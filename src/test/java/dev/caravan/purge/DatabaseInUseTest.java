package dev.caravan.purge;

import static org.assertj.core.api.Assertions.assertThat;

import dev.caravan.catalog.ItemRow;
import dev.caravan.catalog.RunRow;
import dev.caravan.event.RunState;
import dev.caravan.sim.FlakyRemote;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.nio.file.attribute.FileTime;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Duration;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** SQLite databases in the store, in use and closed, and files that only have such names. */
class DatabaseInUseTest {

  private static final byte[] JOURNAL = {
    (byte) 0xd9, (byte) 0xd5, 0x05, (byte) 0xf9, 0x20, (byte) 0xa1, 0x63, (byte) 0xd7, 0, 0, 0, 1
  };

  @TempDir Path store;
  private final FlakyRemote near = new FlakyRemote("near");
  private PurgeWorld world;

  @BeforeEach
  void open() {
    world = new PurgeWorld(store, near);
  }

  @AfterEach
  void close() {
    world.close();
  }

  private Connection database(String path, String mode) throws SQLException {
    Connection connection = DriverManager.getConnection("jdbc:sqlite:" + world.sync().path(path));
    try (Statement sql = connection.createStatement()) {
      sql.execute("PRAGMA journal_mode=" + mode);
      sql.execute("CREATE TABLE IF NOT EXISTS t (text TEXT)");
      sql.execute("INSERT INTO t VALUES ('first')");
    }
    return connection;
  }

  private RunRow cycle() {
    RunRow run = world.sync().cycle();
    assertThat(run.state()).as("%s", world.sync().items(run)).isEqualTo(RunState.SUCCEEDED);
    return run;
  }

  private void assertReason(String reason) {
    assertThat(world.sync().items(cycle())).extracting(ItemRow::reason).contains(reason);
  }

  @Test
  void aSnapshotIsTakenOnlyWhenThereIsSomethingNewAndAClosedDatabaseIsAFileAgain()
      throws Exception {
    try (Connection connection = database("x.db", "WAL");
        Statement sql = connection.createStatement()) {
      assertReason("snapshot");
      near.callsSince();
      cycle();
      assertThat(near.callsSince()).as("nothing was written").isZero();
      assertThat(world.sync().file("x.db").copies().get("near").state()).isEqualTo("snapshot");
      sql.execute("INSERT INTO t VALUES ('second')");
      assertReason("snapshot");
      world.olderThan(Duration.ZERO);
      assertThat(world.local()).contains("x.db", "x.db-wal");
    }
    assertThat(world.local()).containsExactly("x.db");
    cycle();
    assertThat(world.sync().file("x.db").copies().get("near").state()).isEqualTo("verified");
    near.callsSince();
    cycle();
    assertThat(near.callsSince()).as("a file as any other").isZero();
    world.olderThan(Duration.ZERO);
    assertThat(world.local()).isEmpty();
    cycle();
    assertThat(world.state("x.db")).isEqualTo("purged");
  }

  @Test
  void aLogThatWasMirroredAsAFileIsNotTakenForDeleted() throws Exception {
    world.sync().write("x.db-wal", "of an older version");
    cycle();
    world.sync().delete("x.db-wal");
    try (Connection connection = database("x.db", "WAL")) {
      assertThat(connection.isClosed()).isFalse();
      for (int look = 0; look < 3; look++) {
        cycle();
      }
      assertThat(near.files()).containsOnlyKeys("x.db", "x.db-wal");
      world.olderThan(Duration.ZERO);
      assertThat(world.local()).contains("x.db", "x.db-wal");
    }
    cycle();
    cycle();
    assertThat(near.files()).as("its owner closed it").containsOnlyKeys("x.db");
  }

  @Test
  void aFileThatOnlyHasTheNameOfAJournalIsMirrored() throws Exception {
    world.sync().write("lab-journal", "what was seen");
    try (Connection connection = database("real", "DELETE")) {
      assertThat(connection.isClosed()).isFalse();
    }
    world.sync().write("real-journal", "what was heard");
    cycle();
    world.sync().write("lab", "");
    for (int look = 0; look < 3; look++) {
      cycle();
    }
    world.sync().write("lab-journal", "what was seen later");
    cycle();
    assertThat(near.files()).containsOnlyKeys("lab", "lab-journal", "real", "real-journal");
    assertThat(near.text("lab-journal")).isEqualTo("what was seen later");
    world.olderThan(Duration.ZERO);
    assertThat(world.local()).isEmpty();
  }

  @Test
  void anUnfinishedTransactionWaitsAndIsSaidWhenItIsOld() throws Exception {
    try (Connection connection = database("x.db", "DELETE")) {
      assertThat(connection.isClosed()).isFalse();
    }
    Path journal = world.sync().path("x.db-journal");
    Files.write(journal, JOURNAL, StandardOpenOption.CREATE_NEW);
    long now = world.sync().clock().instant().toEpochMilli();
    Files.setLastModifiedTime(journal, FileTime.fromMillis(now));
    assertReason("database_busy");
    world.sync().clock().advance(Duration.ofHours(1));
    RunRow run = world.sync().cycle();
    assertThat(run.state()).isEqualTo(RunState.PARTIAL);
    assertThat(world.sync().items(run))
        .anyMatch(item -> item.message().orElse("").contains("unfinished transaction"));
    assertThat(near.files()).isEmpty();
    Files.delete(journal);
    assertThat(world.sync().manual().state()).isEqualTo(RunState.SUCCEEDED);
    assertThat(near.files()).containsOnlyKeys("x.db");
  }
}
