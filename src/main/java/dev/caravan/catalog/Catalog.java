package dev.caravan.catalog;

import dev.caravan.catalog.sql.Connections;
import dev.caravan.catalog.sql.Session;
import dev.caravan.catalog.sql.SqlFailedException;
import dev.caravan.sqlite.NativeLibraryException;
import dev.caravan.sqlite.SqliteFile;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.SQLException;
import java.time.Clock;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.atomic.AtomicLong;
import java.util.function.Consumer;
import java.util.function.Function;

/**
 * The record of what is where: one SQLite file, many readers, one writer. What was committed has
 * reached the disk (WAL with {@code synchronous=FULL}).
 */
public final class Catalog implements AutoCloseable {

  /** The file's name in the state folder. */
  public static final String FILE_NAME = "catalog.db";

  /** Of a writer for another: a command beside the daemon. */
  private static final Duration PATIENCE = Duration.ofSeconds(10);

  private final Connections connections;
  private final Path file;
  private final Soundness soundness;
  private final CatalogWriter writer;
  private final AtomicLong changes = new AtomicLong();
  private final FileViews views = new FileViews(this, FileViews.Costs.REAL);

  private Catalog(Path file, Soundness soundness, Connections connections) {
    this.file = file;
    this.soundness = soundness;
    this.connections = connections;
    this.writer = new CatalogWriter(connections, this::noteFault);
  }

  /**
   * Opens the catalog of a state folder, making it when it is missing.
   *
   * @throws CatalogException when it is damaged, newer than this Caravan, or cannot be written
   */
  public static Catalog open(Path stateFolder) {
    Path file = stateFolder.resolve(FILE_NAME);
    Soundness soundness = new Soundness(file, Clock.systemUTC());
    Connections connections = connect(file);
    try (Session session = connections.connect()) {
      Connection connection = session.connection();
      soundness.check(connection);
      Migrations.apply(connection);
    } catch (CatalogException e) {
      connections.close();
      throw new CatalogException(e.fault(), "Catalog " + file + ": " + e.getMessage(), e);
    } catch (SQLException | RuntimeException e) {
      connections.close();
      throw explained(file, e);
    }
    return new Catalog(file, soundness, connections);
  }

  private static Connections connect(Path file) {
    try {
      return new Connections(SqliteFile.durable(file, PATIENCE));
    } catch (NativeLibraryException e) {
      throw new CatalogException(
          CatalogException.Fault.UNUSABLE, String.valueOf(e.getMessage()), e);
    }
  }

  /** Moves a damaged catalog out of the way; it is kept for a person to look at. */
  public static void setAside(Path stateFolder, String stamp) throws IOException {
    Soundness.forget(stateFolder.resolve(FILE_NAME));
    for (String suffix : List.of("", "-wal", "-shm")) {
      Path file = stateFolder.resolve(FILE_NAME + suffix);
      if (Files.exists(file)) {
        Files.move(file, stateFolder.resolve(FILE_NAME + suffix + ".damaged-" + stamp));
      }
    }
  }

  /** Remembers, where a fault speaks of damage, that the next start has to check the whole file. */
  public void noteFault(Throwable fault) {
    soundness.noteFault(fault);
  }

  private static CatalogException explained(Path file, Exception e) {
    String message = String.valueOf(e.getMessage());
    boolean corrupt = Soundness.isDamage(message);
    return new CatalogException(
        corrupt ? CatalogException.Fault.CORRUPT : CatalogException.Fault.UNUSABLE,
        corrupt
            ? "Catalog " + file + " is damaged (" + message + ")"
            : "Catalog %s cannot be opened (%s): see to the permissions and the space of its folder"
                .formatted(file, message),
        e);
  }

  static CatalogException unusable(SQLException e) {
    return new CatalogException(
        CatalogException.Fault.UNUSABLE, "The catalog cannot be read: " + e.getMessage(), e);
  }

  public FileTable files() {
    return new FileTable(this);
  }

  public CopyTable copies() {
    return new CopyTable(this);
  }

  public RemoteTable remotes() {
    return new RemoteTable(this);
  }

  public RunTable runs() {
    return new RunTable(this);
  }

  public ItemTable items() {
    return new ItemTable(this);
  }

  public HaltTable halts() {
    return new HaltTable(this);
  }

  public ListingTable listings() {
    return new ListingTable(this);
  }

  public UploadTable uploads() {
    return new UploadTable(this);
  }

  public FileViews views() {
    return views;
  }

  /** Grows whenever a change was committed, or may have been. */
  long changes() {
    return changes.get();
  }

  /** Makes a change and returns once it is committed. */
  public <T> T write(Function<Session, T> change) {
    try {
      return writer.call(change);
    } finally {
      changes.incrementAndGet();
    }
  }

  /** Makes a change and returns once it is committed. */
  public void commit(Consumer<Session> change) {
    write(
        session -> {
          change.accept(session);
          return true;
        });
  }

  /** Queues a change to be committed within half a second, in order with the others. */
  public CompletableFuture<Void> submit(Consumer<Session> change) {
    CompletableFuture<Void> committed = writer.submit(change);
    return committed.whenComplete((nothing, fault) -> changes.incrementAndGet());
  }

  /** Returns once all that was queued is committed. */
  public void flush() {
    commit(session -> {});
  }

  /** Asks something of what is committed. */
  public <T> T read(Function<Session, T> query) {
    try (Session session = connections.open()) {
      return query.apply(session);
    } catch (RuntimeException e) {
      noteFault(e);
      throw e;
    }
  }

  Session openReader() {
    return connections.open();
  }

  public Optional<String> findMeta(String name) {
    return read(
        session ->
            session
                .createQuery("SELECT value FROM meta WHERE name = :name")
                .bind("name", name)
                .mapToString()
                .findOne());
  }

  public void recordMeta(Session session, String name, String value) {
    session
        .createUpdate(
            """
            INSERT INTO meta (name, value) VALUES (:name, :value)
            ON CONFLICT (name) DO UPDATE SET value = excluded.value
            """)
        .bind("name", name)
        .bind("value", value)
        .execute();
  }

  /** True when it knows of no file. */
  public boolean isEmpty() {
    return read(
        session ->
            session.createQuery("SELECT NOT EXISTS (SELECT 1 FROM file)").mapToBoolean().one());
  }

  /** Size of the file, in bytes. */
  public long sizeBytes() {
    try {
      return Files.size(file);
    } catch (IOException e) {
      return 0;
    }
  }

  /** Writes a consistent copy of the whole catalog to a file, replacing it. */
  public void backup(Path to) throws IOException {
    Files.deleteIfExists(to);
    try {
      read(session -> session.execute("VACUUM INTO ?", to.toString()));
    } catch (SqlFailedException e) {
      throw new CatalogException(
          CatalogException.Fault.UNUSABLE, "no copy of it can be written: " + e.getMessage(), e);
    }
  }

  @Override
  public void close() {
    writer.close();
    connections.close();
    soundness.close();
  }
}
