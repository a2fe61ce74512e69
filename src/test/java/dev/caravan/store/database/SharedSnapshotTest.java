package dev.caravan.store.database;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.caravan.event.StorePath;
import dev.caravan.event.WantedSums;
import dev.caravan.store.StoreTree;
import dev.caravan.store.room.Pledges;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Clock;
import java.time.Duration;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** A database in use is copied once for all who send it at the same time, and within the room. */
class SharedSnapshotTest {

  private static final StorePath PATH = StorePath.of("x.db");

  @TempDir Path folder;
  private StoreTree tree;

  /** Stamps of files are old enough to be told apart. */
  private final Clock clock = Clock.offset(Clock.systemUTC(), Duration.ofSeconds(5));

  @BeforeEach
  void open() throws IOException {
    tree = new StoreTree(folder, folder.resolve(".caravan"), clock);
    Files.createDirectories(tree.stateFolder());
  }

  private Connection database() throws SQLException {
    Connection connection = DriverManager.getConnection("jdbc:sqlite:" + folder.resolve("x.db"));
    try (Statement sql = connection.createStatement()) {
      sql.execute("PRAGMA journal_mode=WAL");
      sql.execute("CREATE TABLE t (text TEXT)");
    }
    return connection;
  }

  private long copies() throws IOException {
    try (Stream<Path> all = Files.list(tree.stateFolder())) {
      return all.filter(each -> each.getFileName().toString().startsWith("database-")).count();
    }
  }

  @Test
  void whoComesMeanwhileGetsTheSameAndTheLastOneRemovesIt() throws Exception {
    try (Connection connection = database()) {
      assertThat(connection.isClosed()).isFalse();
      DatabaseSnapshot first = DatabaseSnapshot.take(tree, PATH, WantedSums.NONE, clock);
      DatabaseSnapshot second = DatabaseSnapshot.take(tree, PATH, WantedSums.MD5, clock);
      assertThat(second).isSameAs(first);
      assertThat(copies()).isOne();
      assertThat(tree.pledges().bytes()).as("what was pledged is written").isZero();
      first.close();
      assertThat(second.version().md5()).as("it is there still").hasSize(16);
      second.close();
      assertThat(copies()).isZero();
      try (DatabaseSnapshot next = DatabaseSnapshot.take(tree, PATH, WantedSums.NONE, clock)) {
        assertThat(next).isNotSameAs(first);
      }
      assertThat(copies()).isZero();
    }
  }

  @Test
  void roomThatOthersAreAboutToFillIsNotFree() throws Exception {
    try (Connection connection = database()) {
      assertThat(connection.isClosed()).isFalse();
      long most = tree.space().totalBytes();
      try (Pledges.Pledge restores =
          tree.pledges().take(most, 0, () -> Long.MAX_VALUE).orElseThrow()) {
        assertThatThrownBy(() -> DatabaseSnapshot.take(tree, PATH, WantedSums.NONE, clock))
            .hasMessageContaining("does not fit");
        assertThat(copies()).isZero();
      }
      assertThat(tree.pledges().bytes()).isZero();
      DatabaseSnapshot.take(tree, PATH, WantedSums.NONE, clock).close();
    }
  }
}
