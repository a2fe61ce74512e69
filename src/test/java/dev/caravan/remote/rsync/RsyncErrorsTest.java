package dev.caravan.remote.rsync;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.caravan.remote.RemoteException;
import dev.caravan.remote.RemoteException.Cause;
import dev.caravan.remote.rsync.RsyncEnd.How;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class RsyncErrorsTest {

  private final RsyncErrors errors = new RsyncErrors("nas", "'me@nas:/srv'");

  private RemoteException ended(int code, String... words) {
    RemoteException e = errors.of("store 'a'", new RsyncEnd(How.BY_ITSELF, code, List.of(words)));
    assertThat(e.getMessage())
        .startsWith("Remote 'nas' at 'me@nas:/srv': cannot store 'a': ")
        .contains("(rsync's exit code " + code + ")")
        .doesNotContain("\n");
    return e;
  }

  @ParameterizedTest
  @CsvSource({
    "1, NOT_THERE",
    "2, NOT_THERE",
    "3, OTHER",
    "4, NOT_THERE",
    "5, NOT_THERE",
    "10, NETWORK",
    "11, OTHER",
    "12, NETWORK",
    "14, SERVER",
    "20, SERVER",
    "22, SERVER",
    "23, OTHER",
    "24, OTHER",
    "30, NETWORK",
    "35, NETWORK",
    "126, NOT_THERE",
    "127, NOT_THERE",
    "137, SERVER",
    "143, SERVER",
    "255, NETWORK",
    "99, OTHER"
  })
  void anExitCodeAloneSaysThis(int code, Cause cause) {
    RemoteException e = ended(code);
    assertThat(e.reason()).isEqualTo(cause);
    assertThat(e).hasMessageContaining("it said nothing");
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "11 | FULL | rsync: [receiver] write failed on \"/b/x\": No space left on device (28)",
        "12 | FULL | rsync: write failed: No space left on device (28)",
        "11 | FULL | rsync: [receiver] write failed on \"/b\": Disk quota exceeded (122)",
        "23 | READ_ONLY | rsync: [receiver] open \"/b/x\" failed: Read-only file system (30)",
        "23 | PERMISSION | rsync: [receiver] open \"/b/x\" failed: Permission denied (13)",
        "23 | PERMISSION | rsync: chgrp \"/b/x\" failed: Operation not permitted (1)",
        "255 | AUTHENTICATION | me@nas: Permission denied (publickey,password).",
        "255 | AUTHENTICATION | Load key \"/k\": incorrect passphrase supplied",
        "255 | TLS | Host key verification failed.",
        "255 | TLS | No ED25519 host key is known for [nas]:22 and you have requested strict",
        "255 | NETWORK | ssh: connect to host nas port 22: Connection refused",
        "127 | NOT_THERE | bash: line 1: rsync: command not found",
        "127 | NOT_THERE | sh: 1: rsync: not found",
        "14 | NOT_THERE | rsync: [sender] Failed to exec ssh: No such file or directory (2)",
      })
  void whatItSaidCountsMoreThanItsCode(int code, Cause cause, String said) {
    RemoteException e = ended(code, "banner", said, "rsync error: some files (code 1) at io.c(2)");
    assertThat(e.reason()).isEqualTo(cause);
  }

  @Test
  void whatItSaysOfItsOwnSourceIsLeftOut() {
    assertThat(ended(5, "rsync error: error starting client-server protocol (code 5) at main.c(1)"))
        .hasMessageContaining("protocol (code 5) (rsync's")
        .hasMessageNotContaining("main.c");
    assertThat(ended(12, "odd \u001b[31mword\u2028 more")).hasMessageContaining("odd ?[31mword?");
  }

  @Test
  void whatWeDidToItIsNotItsFault() {
    assertThat(errors.of("store 'a'", new RsyncEnd(How.UNWANTED, 0, List.of())).reason())
        .isEqualTo(Cause.CANCELLED);
    assertThat(errors.of("store 'a'", new RsyncEnd(How.STALLED, 0, List.of())).reason())
        .isEqualTo(Cause.NETWORK);
    assertThat(errors.of("store 'a'", new RsyncEnd(How.NOT_STARTED, 0, List.of("no sh"))))
        .hasMessageContaining("rsync cannot be started: no sh");
  }

  @ParameterizedTest
  @CsvSource({
    "rsync  version 3.1.0  protocol version 31, 3.1.0",
    "rsync  version v3.2.7  protocol version 31, 3.2.7",
    "rsync  version 4.0.0pre1  protocol version 33, 4.0.0pre1"
  })
  void versionsThatAreNewEnough(String said, String version) throws Exception {
    assertThat(RsyncVersion.parse(said, errors)).isEqualTo(version);
  }

  @ParameterizedTest
  @CsvSource({
    "rsync  version 3.0.9  protocol version 30, 3.0.9",
    "rsync  version 2.6.9  protocol version 29, 2.6.9",
    "openrsync: protocol version 29, no rsync",
    "'', no rsync"
  })
  void versionsThatAreNot(String said, String named) {
    assertThatThrownBy(() -> RsyncVersion.parse(said, errors))
        .isInstanceOf(RemoteException.class)
        .hasMessageContaining(named)
        .hasMessageContaining("3.1 or newer");
  }
}
