package dev.caravan.remote.rsync;

import dev.caravan.contract.RemoteContract;
import dev.caravan.lab.SshServer;
import dev.caravan.lab.SshServer.Door;
import dev.caravan.remote.Remote;
import java.nio.file.Path;
import java.time.Instant;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.io.TempDir;

/** The contract, with rsync to an OpenSSH server. */
class RsyncServerIT extends RemoteContract {

  private static RsyncCarrier carrier;
  @TempDir Path root;

  @BeforeAll
  static void login() {
    carrier = at(Path.of("/nowhere")).carrier(RsyncLimits.STANDARD);
  }

  @AfterAll
  static void logout() {
    carrier.close();
  }

  private static RsyncSetup at(Path root) {
    return RsyncSetup.over(SshServer.shared().place(Door.SHELL, root).transfers(64));
  }

  @Override
  protected Remote fresh() {
    return open();
  }

  @Override
  public Remote open() {
    return at(root).sharing(carrier);
  }

  @Override
  public long partSize() {
    return RsyncCarrier.SMALL_BYTES;
  }

  /** There are no pages; several batches are made of a hundred. */
  @Override
  public int pageSize() {
    return 100;
  }

  /** They share children. */
  @Override
  public int putsAtOnce() {
    return 64;
  }

  /** rsync keeps what the file system can; SFTP, which is asked for it, tells whole seconds. */
  @Override
  public Instant kept(Instant modifiedAt) {
    return Instant.ofEpochSecond(modifiedAt.getEpochSecond() & 0xFFFF_FFFFL);
  }
}
