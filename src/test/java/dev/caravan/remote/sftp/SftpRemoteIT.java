package dev.caravan.remote.sftp;

import dev.caravan.contract.RemoteContract;
import dev.caravan.lab.SshServer;
import dev.caravan.lab.SshServer.Door;
import dev.caravan.remote.Remote;
import java.nio.file.Path;
import java.time.Clock;
import java.time.Instant;
import org.junit.jupiter.api.io.TempDir;

/** The contract, at an OpenSSH server that allows a shell: it computes the checksums itself. */
class SftpRemoteIT extends RemoteContract {

  @TempDir Path root;

  Door door() {
    return Door.SHELL;
  }

  @Override
  protected Remote fresh() {
    return open();
  }

  @Override
  public Remote open() {
    return new SftpRemote(SshServer.shared().place(door(), root).settings(), Clock.systemUTC());
  }

  @Override
  public long partSize() {
    return 1 << 20;
  }

  /** A folder is told in answers of about a hundred names. */
  @Override
  public int pageSize() {
    return 100;
  }

  @Override
  public Instant kept(Instant modifiedAt) {
    return SftpStat.keepable(modifiedAt);
  }
}
