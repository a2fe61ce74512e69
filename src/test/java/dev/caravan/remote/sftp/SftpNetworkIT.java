package dev.caravan.remote.sftp;

import dev.caravan.contract.SshNetworkContract;
import dev.caravan.lab.CountingProxy;
import dev.caravan.remote.Remote;
import java.time.Clock;

/** An OpenSSH server behind a bad network. */
class SftpNetworkIT extends SshNetworkContract {

  private static final SftpPatience HASTY =
      new SftpPatience(STALL, STALL.dividedBy(SftpPatience.SILENT_HEARTBEATS));

  @Override
  protected Remote through(CountingProxy proxy) throws Exception {
    return new SftpRemote(place(proxy).settings(), Clock.systemUTC(), HASTY);
  }
}
