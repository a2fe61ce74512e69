package dev.caravan.contract;

import static dev.caravan.contract.RemoteUnderTest.key;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowable;

import dev.caravan.event.ObjectContent;
import dev.caravan.event.Owner;
import dev.caravan.remote.ObjectStat;
import dev.caravan.remote.Remote;
import dev.caravan.remote.RemoteException;
import dev.caravan.remote.StoredObject;
import java.io.IOException;
import java.time.Instant;
import java.util.List;
import java.util.Optional;
import java.util.OptionalInt;
import org.junit.jupiter.api.Test;

/** Permissions and owner lie beside the bytes, and can be changed without them. */
interface TraitContract extends RemoteUnderTest {

  private ObjectStat proven(String key, ObjectContent content) throws RemoteException, IOException {
    StoredObject stored = put(key, content);
    return new ObjectStat(
        key(key),
        content.sizeBytes(),
        content.modifiedAt(),
        stored.etag(),
        stored.version(),
        Optional.of(content.sha256()));
  }

  private Remote.Traits traits(int permissions, Owner owner) {
    return keepsTraits()
        ? new Remote.Traits(OptionalInt.of(permissions), Optional.of(kept(owner)))
        : Remote.Traits.NONE;
  }

  @Test
  default void permissionsAndOwnerAreKept() throws Exception {
    Owner first = new Owner(12_345, 54_321);
    Owner second = new Owner(4_000_000_000L, 1);
    for (long size : new long[] {0, 5, partSize() + 1}) {
      put("kept/" + size, TestContent.ofSize(size, size).with(0640, first));
      assertThat(remote().traits(key("kept/" + size))).isEqualTo(traits(0640, first));
    }
    put("kept/5", TestContent.of("anew").with(0700, second));
    assertThat(remote().traits(key("kept/5"))).isEqualTo(traits(0700, second));
  }

  @Test
  default void timePermissionsAndOwnerAreChangedWithoutTheBytes() throws Exception {
    for (long size : new long[] {0, 5, partSize() + 1}) {
      String name = "described/" + size;
      ObjectStat held =
          proven(name, TestContent.ofSize(size, size).with(0640, new Owner(1_000, 1_000)));
      Instant later = Instant.parse("2027-01-02T03:04:05Z");
      Owner other = new Owner(2_000, 3_000);
      TestContent now = TestContent.ofSize(size, size).modified(later).with(0604, other);
      Optional<ObjectStat> described = remote().describe(held, now);
      assertThat(described.isPresent()).isEqualTo(keepsTraits());
      assertThat(now.opened()).as("nothing is sent").isZero();
      assertThat(read(name)).isEqualTo(now.bytes());
      if (keepsTraits()) {
        ObjectStat found = find(name).orElseThrow();
        assertThat(found.modifiedAt()).isEqualTo(kept(later));
        assertThat(found.etag()).isEqualTo(described.get().etag());
        assertThat(found.sha256()).contains(now.sha256());
        assertThat(remote().traits(key(name))).isEqualTo(traits(0604, other));
        assertThat(remote().describe(described.get(), now)).as("a second time").isPresent();
      }
    }
  }

  @Test
  default void whatIsSaidNotToBeKeptIsWhatIsMissing() throws Exception {
    Owner owner = new Owner(12_345, 54_321);
    for (int mode : new int[] {0640, 0644, 0400, 04755}) {
      for (long ns : new long[] {1_700_000_000_000_000_000L, 1_700_000_000_123_456_789L}) {
        Instant time = Instant.EPOCH.plusNanos(ns);
        put("plan", TestContent.of(mode + " " + ns).modified(time).with(mode, owner));
        Remote.Traits wanted = new Remote.Traits(OptionalInt.of(mode), Optional.of(owner));
        List<String> unkept = remote().unkept(wanted, ns);
        Remote.Traits there = remote().traits(key("plan"));
        boolean usual = there.permissions().isEmpty() && mode == 0644;
        assertThat(unkept.contains("permissions %04o".formatted(mode)))
            .as("%04o: %s, %s", mode, there, unkept)
            .isEqualTo(!usual && !there.permissions().equals(wanted.permissions()));
        boolean timeKept = find("plan").orElseThrow().modifiedAt().equals(time);
        assertThat(unkept.stream().noneMatch(words -> words.startsWith("its time")))
            .as("%s: %s", time, unkept)
            .isEqualTo(timeKept);
        // Whether a server lets one give files away shows only when it is tried.
        if (unkept.contains("owner " + owner) || there.owner().isEmpty()) {
          assertThat(there.owner()).isNotEqualTo(wanted.owner());
          assertThat(unkept).contains("owner " + owner);
        }
      }
    }
  }

  @Test
  default void whatIsNotThereAnyMoreCannotBeDescribed() throws Exception {
    if (!keepsTraits()) {
      return;
    }
    TestContent content = TestContent.of("proven").with(0640, new Owner(1, 1));
    ObjectStat held = proven("gone", content);
    remote().delete(List.of(key("gone")));
    Throwable failure = catchThrowable(() -> remote().describe(held, content));
    assertThat(failure)
        .isInstanceOfSatisfying(
            RemoteException.class,
            e -> assertThat(e.reason()).isEqualTo(RemoteException.Cause.NO_SUCH_OBJECT));
    assertThat(list("")).isEmpty();
  }
}
