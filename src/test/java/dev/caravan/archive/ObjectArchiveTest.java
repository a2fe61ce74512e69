package dev.caravan.archive;

import static org.assertj.core.api.Assertions.assertThat;

import dev.caravan.archive.carry.ObjectCarrier;
import dev.caravan.config.ArchiveSettings.DeleteClock;
import dev.caravan.remote.ObjectKey;
import dev.caravan.remote.ObjectStat;
import dev.caravan.remote.Remote;
import dev.caravan.remote.RemoteException.Cause;
import dev.caravan.remote.StoredObject;
import dev.caravan.remote.memory.Faults.Call;
import dev.caravan.remote.memory.MemoryRemote;
import java.lang.reflect.InvocationTargetException;
import java.lang.reflect.Proxy;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Optional;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** An archive at a remote: only what the remote shows proves a copy, and silence proves no loss. */
class ObjectArchiveTest {

  private static final Duration AGE = Duration.ofSeconds(100);

  @TempDir Path folder;
  private ArchiveLab lab;
  private final MemoryRemote memory = new MemoryRemote("far");

  @BeforeEach
  void setUp() throws Exception {
    lab = new ArchiveLab(folder).deleteAfter(AGE, DeleteClock.COPIED);
    lab.clock.advance(Duration.ofDays(1));
    use(memory);
  }

  @AfterEach
  void tearDown() throws Exception {
    lab.close();
  }

  private void use(Remote remote) {
    lab.others.put("A", new ObjectCarrier(remote, "base", lab.clock));
  }

  /** A remote that answers some of its calls otherwise. */
  private interface Answer {
    Object of(Object usual) throws Exception;
  }

  private Remote otherwise(String call, Answer answer) {
    return (Remote)
        Proxy.newProxyInstance(
            Remote.class.getClassLoader(),
            new Class<?>[] {Remote.class},
            (proxy, method, arguments) -> {
              try {
                Object usual = method.invoke(memory, arguments);
                return method.getName().equals(call) ? answer.of(usual) : usual;
              } catch (InvocationTargetException e) {
                throw e.getCause();
              }
            });
  }

  private Path local(String name) {
    return folder.resolve("data/A").resolve(name);
  }

  private boolean isThere(String name) throws Exception {
    return memory.find(new ObjectKey("base/" + name)).isPresent();
  }

  private void oldEnough() {
    lab.clock.advance(AGE.plusSeconds(1));
  }

  @Test
  void aFileGoesOnceItsCopyIsProvenAnew() throws Exception {
    long id = lab.register("A", "a");
    lab.round("A");
    assertThat(lab.row(id).sha256()).isPresent();
    oldEnough();
    lab.round("A");
    assertThat(local("a")).doesNotExist();
    assertThat(isThere("a")).isTrue();
  }

  @Test
  void theChecksumOfAnEarlierContentProvesNothingOfALaterOne() throws Exception {
    long id = lab.register("A", "a");
    lab.round("A");
    lab.write("A/a", "other content");
    oldEnough();
    lab.round("A");
    assertThat(lab.row(id).localMd5()).isEqualTo(ArchiveLab.md5(local("a")));
    assertThat(lab.row(id).sha256()).isEmpty();
    memory.faults().failAll(Call.PUT, Cause.SERVER);
    lab.clock.advance(Duration.ofSeconds(1));
    lab.round("A");
    assertThat(lab.state(id)).isEqualTo("failing");
    oldEnough();
    lab.rounds("A", 2);
    assertThat(local("a")).hasContent("other content");
    assertThat(memory.faults().happened()).isPositive();
  }

  @Test
  void theChecksumOfAnEarlierContentCountsForNothingWhoeverChangedTheRow() throws Exception {
    long id = lab.register("A", "a");
    lab.round("A");
    lab.write("A/a", "other content");
    lab.sql(
        "UPDATE supersync_v0 SET local_md5sum = '%s', remote_md5sum = NULL"
            .formatted(ArchiveLab.md5(local("a"))));
    assertThat(lab.row(id).sha256()).isEmpty();
    memory.faults().failAll(Call.PUT, Cause.SERVER);
    lab.clock.advance(Duration.ofSeconds(1));
    lab.round("A");
    assertThat(lab.state(id)).isEqualTo("failing");
  }

  @Test
  void anObjectThatComesBackIsNoCopyOfAFileThatChangedMeanwhile() throws Exception {
    long id = lab.register("A", "a");
    lab.round("A");
    use(otherwise("find", usual -> Optional.empty()));
    lab.restart();
    oldEnough();
    lab.round("A");
    assertThat(lab.state(id)).isEqualTo("queued");
    use(memory);
    lab.restart();
    lab.write("A/a", "other content");
    lab.clock.advance(Duration.ofSeconds(1));
    lab.archive("A");
    memory.faults().failAll(Call.PUT, Cause.SERVER);
    lab.round("A");
    assertThat(lab.state(id)).isNotEqualTo("copied");
  }

  @Test
  void aRemoteThatSaysNoChecksumIsRead() throws Exception {
    use(
        otherwise(
            "find",
            usual ->
                ((Optional<?>) usual)
                    .map(ObjectStat.class::cast)
                    .map(
                        stat ->
                            new ObjectStat(
                                stat.key(),
                                stat.sizeBytes(),
                                stat.modifiedAt(),
                                stat.etag(),
                                stat.version(),
                                Optional.empty()))));
    lab.register("A", "good");
    long bad = lab.register("A", "bad");
    memory.faults().lieOnPut(2);
    lab.round("A");
    oldEnough();
    lab.round("A");
    assertThat(local("good")).doesNotExist();
    assertThat(local("bad")).exists();
    assertThat(lab.state(bad)).isEqualTo("queued");
    assertThat(memory.faults().happened()).isEqualTo(1);
  }

  @Test
  void whatCannotBeAskedStaysAndIsNotLost() throws Exception {
    long id = lab.register("A", "a");
    lab.round("A");
    oldEnough();
    memory.faults().failAll(Call.FIND, Cause.PERMISSION);
    lab.round("A");
    assertThat(local("a")).exists();
    assertThat(lab.state(id)).isEqualTo("copied");
    assertThat(lab.archive("A").hostFailures()).isZero();
    memory.faults().clear();
    lab.clock.advance(Duration.ofHours(2));
    lab.round("A");
    assertThat(local("a")).doesNotExist();
  }

  @Test
  void aRemoteThatOnlyTookItHasToShowIt() throws Exception {
    use(
        otherwise(
            "put",
            usual ->
                new StoredObject(Optional.empty(), Optional.empty(), StoredObject.Proof.NONE)));
    memory.faults().lieOnPut(1);
    long id = lab.register("A", "a");
    lab.round("A");
    assertThat(lab.state(id)).isEqualTo("failing");
    lab.clock.advance(Duration.ofSeconds(1));
    lab.round("A");
    assertThat(lab.state(id)).isEqualTo("copied");
  }

  @Test
  void aRemoteThatCannotSayWhatItHoldsIsNotUsed() throws Exception {
    use(otherwise("canFind", usual -> false));
    long id = lab.register("A", "a");
    lab.round("A");
    assertThat(lab.state(id)).isEqualTo("queued");
    assertThat(memory.size()).isZero();
    assertThat(lab.archive("A").error().orElseThrow())
        .contains("'far'", "cannot say what it holds");
  }

  @Test
  void aRemoteThatIsTheFolderOfTheFileTakesNothing() throws Exception {
    lab.write("A/base/a", "the only copy");
    use(otherwise("localFolder", usual -> Optional.of(folder.resolve("data/A"))));
    long id = lab.register("A", local("base/a"), ArchiveLab.md5(local("base/a")), "a", true);
    lab.round("A");
    assertThat(lab.state(id)).isEqualTo("dead");
    assertThat(Files.readString(local("base/a"))).isEqualTo("the only copy");
    assertThat(memory.size()).isZero();
  }
}
