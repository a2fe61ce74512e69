package dev.caravan.it;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Stream;

/**
 * The tables of SupRsync as classes of SQLAlchemy, in the Python of the system: what a producer's
 * side makes of them, writes to them and reads from them.
 */
final class PythonQueue {

  private static final String SCRIPT =
      """
      import hashlib, os, sys, time
      from sqlalchemy import Boolean, Column, Float, ForeignKey, Integer, String
      from sqlalchemy import create_engine, event, or_
      from sqlalchemy.orm import declarative_base, sessionmaker

      Tables = declarative_base()

      class File(Tables):
          __tablename__ = "supersync_v0"
          id = Column(Integer, primary_key=True)
          local_path = Column(String, nullable=False)
          local_md5sum = Column(String, nullable=False)
          archive_name = Column(String, nullable=False)
          remote_path = Column(String, nullable=False)
          timestamp = Column(Float, nullable=False)
          remote_md5sum = Column(String)
          copied = Column(Float)
          removed = Column(Float)
          failed_copy_attempts = Column(Integer, default=0)
          deletable = Column(Boolean, default=True)
          ignore = Column(Boolean, default=False)

      class Timecode(Tables):
          __tablename__ = "timecode_dirs_v0"
          id = Column(Integer, primary_key=True)
          timecode = Column(Integer, nullable=False)
          archive_name = Column(String, nullable=False)
          completed = Column(Boolean, default=False)
          synced = Column(Boolean, default=False)
          finalized = Column(Boolean, default=False)
          finalize_file_id = Column(Integer, ForeignKey("supersync_v0.id"))

      work, queue = sys.argv[1:3]
      engine = create_engine("sqlite:///" + queue)

      @event.listens_for(engine, "connect")
      def write_ahead(connection, record):
          connection.execute("PRAGMA journal_mode=WAL")

      Session = sessionmaker(bind=engine)

      def create():
          Tables.metadata.create_all(engine)

      def produce(data, times):
          for i in range(int(times)):
              for archive in ("a", "b"):
                  path = os.path.join(data, archive, "f%d" % i)
                  os.makedirs(os.path.dirname(path), exist_ok=True)
                  content = ("%s %d" % (archive, i)).encode()
                  with open(path, "wb") as file:
                      file.write(content)
                  with Session.begin() as session:
                      session.add(File(
                          local_path=path, local_md5sum=hashlib.md5(content).hexdigest(),
                          archive_name=archive, remote_path="x/f%d" % i, timestamp=time.time()))
              with Session.begin() as session:
                  session.query(File).filter(File.removed == None).count()

      def show():
          with Session.begin() as session:
              for archive in ("a", "b"):
                  mine = session.query(File).filter(File.archive_name == archive)
                  same = mine.filter(File.remote_md5sum == File.local_md5sum, File.copied > 0)
                  open_ = mine.filter(
                      File.removed == None, File.failed_copy_attempts < 5, File.ignore == False,
                      or_(File.remote_md5sum == None, File.remote_md5sum != File.local_md5sum))
                  print("%s copied=%d copyable=%d" % (archive, same.count(), open_.count()))

      globals()[work](*sys.argv[3:])
      """;

  private final Path folder;
  private final Path script;

  PythonQueue(Path folder) throws IOException {
    this.folder = folder;
    this.script = Files.writeString(folder.resolve("queue.py"), SCRIPT);
  }

  /** Runs one of the script's works to its end, which has to be a good one; answers its output. */
  String run(String work, Object... arguments) throws Exception {
    List<String> command = new ArrayList<>(List.of("/usr/bin/python3", script.toString(), work));
    Stream.of(arguments).map(String::valueOf).forEach(command::add);
    Path log = folder.resolve("python.log");
    Process process =
        new ProcessBuilder(command).redirectErrorStream(true).redirectOutput(log.toFile()).start();
    int code = process.waitFor();
    assertThat(code).as(Files.readString(log)).isZero();
    return Files.readString(log);
  }
}
