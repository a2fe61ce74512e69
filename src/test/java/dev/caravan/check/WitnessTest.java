package dev.caravan.check;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.caravan.catalog.check.ProofTable.Proof;
import dev.caravan.contract.TestContent;
import dev.caravan.event.StorePath;
import dev.caravan.remote.ObjectKey;
import dev.caravan.remote.ObjectStat;
import dev.caravan.remote.Remote;
import dev.caravan.remote.RemoteException;
import dev.caravan.remote.memory.Faults;
import dev.caravan.remote.memory.MemoryRemote;
import java.lang.reflect.InvocationTargetException;
import java.lang.reflect.Proxy;
import java.util.Optional;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** Whose word is taken, and when the bytes have to be read. */
class WitnessTest {

  private final MemoryRemote remote = new MemoryRemote("near");
  private final TestContent content = TestContent.of("what was proven");
  private final ObjectKey key = new ObjectKey("a");

  @BeforeEach
  void put() throws Exception {
    remote.put(key, content);
  }

  private Proof proof(Optional<String> etag) {
    return new Proof(
        StorePath.of("a"), false, true, content.sha256(), content.sizeBytes(), etag, 1);
  }

  private Witness witness(Remote asked, CheckMode mode) {
    return new Witness(asked, mode, () -> false);
  }

  /** A remote that says of its objects what was recorded beside them, whatever they hold. */
  private Remote recording(Optional<String> etag, Optional<String> sha256) {
    return (Remote)
        Proxy.newProxyInstance(
            Remote.class.getClassLoader(),
            new Class<?>[] {Remote.class},
            (proxy, method, args) -> {
              try {
                Object answer = method.invoke(remote, args);
                return method.getName().equals("find")
                    ? ((Optional<?>) answer)
                        .map(ObjectStat.class::cast)
                        .map(stat -> said(stat, etag, sha256))
                    : answer;
              } catch (InvocationTargetException e) {
                throw e.getCause();
              }
            });
  }

  private static ObjectStat said(ObjectStat stat, Optional<String> etag, Optional<String> sha256) {
    return new ObjectStat(
        stat.key(), stat.sizeBytes(), stat.modifiedAt(), etag, stat.version(), sha256);
  }

  private void swap() throws Exception {
    remote.put(key, TestContent.of("what was prOven"));
  }

  @Test
  void aRemoteThatHasNoChecksumIsRead() throws Exception {
    Remote mute = recording(Optional.empty(), Optional.empty());
    assertThat(witness(mute, CheckMode.HASH).look(proof(Optional.empty())).isRead()).isTrue();
    swap();
    assertThat(witness(mute, CheckMode.HASH).look(proof(Optional.empty())).difference())
        .contains(CheckReason.DIFFERENT);
  }

  @Test
  void aRecordedChecksumIsNotBelievedOfAnObjectThatWasPutAnew() throws Exception {
    swap();
    Remote lying = recording(Optional.of("new"), Optional.of(content.sha256()));
    assertThat(witness(lying, CheckMode.HASH).look(proof(Optional.of("old"))).difference())
        .contains(CheckReason.DIFFERENT);
    assertThat(witness(lying, CheckMode.HASH).look(proof(Optional.of("new"))).difference())
        .as("only a full check finds that")
        .isEmpty();
    assertThat(witness(lying, CheckMode.FULL).look(proof(Optional.of("new"))).difference())
        .contains(CheckReason.DIFFERENT);
  }

  @Test
  void whatTheRemoteItselfCallsCorruptIsDifferentAndWhatItCannotSayIsUnknown() throws Exception {
    remote.faults().fail(Faults.Call.OPEN, 1, RemoteException.Cause.CORRUPT);
    remote.faults().fail(Faults.Call.OPEN, 2, RemoteException.Cause.SERVER);
    Witness full = witness(remote, CheckMode.FULL);
    assertThat(full.look(proof(Optional.empty())).difference()).contains(CheckReason.DIFFERENT);
    assertThatThrownBy(() -> full.look(proof(Optional.empty())))
        .isInstanceOf(RemoteException.class);
  }

  @Test
  void aReadEndsWhenTheRunIsCancelled() {
    Witness cancelled = new Witness(remote, CheckMode.FULL, () -> true);
    assertThatThrownBy(() -> cancelled.look(proof(Optional.empty())))
        .isInstanceOf(Witness.CancelledException.class);
  }
}
