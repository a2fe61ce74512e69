package dev.caravan.remote.sftp;

import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.EnumSet;
import java.util.Optional;
import java.util.Set;
import org.apache.sshd.client.channel.ChannelExec;
import org.apache.sshd.client.channel.ClientChannelEvent;
import org.apache.sshd.client.session.ClientSession;

/**
 * Runs a command at the server. Commands are constants: what a file is called goes to their
 * standard input and is never seen by a shell.
 */
final class SftpShell {

  private static final Duration OPEN_LIMIT = Duration.ofSeconds(15);
  private static final int LONGEST_ANSWER = 16 * 1024;

  private SftpShell() {}

  /** What the command wrote when it ended well; empty when it did not, or there is no shell. */
  static Optional<String> run(ClientSession session, String command, byte[] input, Duration limit) {
    Answer answer = new Answer();
    try (ChannelExec channel = session.createExecChannel(command)) {
      channel.setIn(new ByteArrayInputStream(input));
      channel.setOut(answer);
      channel.setErr(OutputStream.nullOutputStream());
      channel.open().verify(OPEN_LIMIT);
      Set<ClientChannelEvent> events =
          channel.waitFor(EnumSet.of(ClientChannelEvent.CLOSED), limit);
      Integer exit = channel.getExitStatus();
      boolean good = events.contains(ClientChannelEvent.CLOSED) && exit != null && exit == 0;
      return good ? Optional.of(answer.text()) : Optional.empty();
    } catch (IOException | RuntimeException e) {
      // It is as good as no shell; that the connection is lost shows in what is asked next.
      return Optional.empty();
    }
  }

  /** Keeps the beginning: a login may print more than anyone wants to read. */
  private static final class Answer extends OutputStream {
    private final StringBuffer text = new StringBuffer();

    @Override
    public void write(int b) {
      write(new byte[] {(byte) b}, 0, 1);
    }

    @Override
    public void write(byte[] bytes, int offset, int length) {
      int room = Math.max(0, LONGEST_ANSWER - text.length());
      text.append(new String(bytes, offset, Math.min(room, length), StandardCharsets.ISO_8859_1));
    }

    String text() {
      return text.toString();
    }
  }
}
