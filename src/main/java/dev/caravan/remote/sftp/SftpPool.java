package dev.caravan.remote.sftp;

import dev.caravan.remote.RemoteException;
import dev.caravan.remote.RemoteException.Cause;
import java.io.IOException;
import java.io.InterruptedIOException;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.Iterator;
import java.util.List;
import java.util.concurrent.locks.ReentrantLock;
import org.apache.sshd.client.session.ClientSession;
import org.jspecify.annotations.Nullable;

/**
 * The lines to the server: as many as there are calls at once, a few of them over each session.
 *
 * <p>Sessions are opened one after the other, for servers turn away many logins at once. A line on
 * which something went wrong is not used again, and one that nobody needed for a while is closed.
 */
final class SftpPool implements AutoCloseable {

  /** OpenSSH allows ten channels; a checksum takes one beside that of its line. */
  private static final int LINES_PER_SESSION = 4;

  private static final Duration SPARE_LIMIT = Duration.ofMinutes(1);

  private final SftpLogin login;
  private final SftpErrors errors;
  private final Clock clock;
  private final ReentrantLock opening = new ReentrantLock(true);
  private final Deque<Spare> spares = new ArrayDeque<>();
  private final List<Session> sessions = new ArrayList<>();
  private @Nullable RemoteException lastFailure;
  private int failures;
  private boolean closed;
  private boolean tidied;

  /** A line that waits for its next user. */
  private record Spare(SftpLine line, Instant since) {}

  /** A session and how many lines lead over it. */
  private static final class Session {
    final ClientSession ssh;
    int lines;
    int mostLines = LINES_PER_SESSION;

    Session(ClientSession ssh) {
      this.ssh = ssh;
    }
  }

  /** What is done with a line. */
  interface Work<T> {
    T with(SftpLine line) throws RemoteException, IOException;
  }

  SftpPool(SftpLogin login, SftpErrors errors, Clock clock) {
    this.login = login;
    this.errors = errors;
    this.clock = clock;
  }

  /** Does something with a line of its own. */
  <T> T use(Work<T> work) throws RemoteException, IOException {
    SftpLine line = take();
    try {
      return work.with(line);
    } finally {
      give(line);
    }
  }

  /** A line for the caller alone, who gives it back. */
  SftpLine take() throws RemoteException {
    int before = failures();
    SftpLine spare = spare();
    if (spare != null) {
      return spare;
    }
    try {
      opening.lockInterruptibly();
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw errors.of(Cause.CANCELLED, "cancelled while waiting for a connection", e);
    }
    try {
      failTogether(before);
      SftpLine given = spare();
      return given != null ? given : openOrNote();
    } finally {
      opening.unlock();
    }
  }

  void give(SftpLine line) {
    synchronized (this) {
      if (line.isSound() && !closed) {
        spares.push(new Spare(line, clock.instant()));
        return;
      }
    }
    drop(line);
  }

  @Override
  public void close() {
    synchronized (this) {
      closed = true;
      spares.clear();
      sessions.clear();
    }
    login.close();
  }

  private @Nullable SftpLine spare() {
    while (true) {
      Spare spare;
      synchronized (this) {
        spare = spares.poll();
      }
      if (spare == null || spare.line().isSound()) {
        return spare == null ? null : spare.line();
      }
      drop(spare.line());
    }
  }

  private synchronized int failures() {
    return failures;
  }

  /** Those who waited for a login that failed need not each try, and wait, for themselves. */
  private synchronized void failTogether(int before) throws RemoteException {
    if (failures != before && lastFailure != null) {
      throw new RemoteException(
          lastFailure.reason(), String.valueOf(lastFailure.getMessage()), lastFailure);
    }
  }

  private SftpLine openOrNote() throws RemoteException {
    try {
      return open();
    } catch (RemoteException e) {
      synchronized (this) {
        if (e.reason() != Cause.CANCELLED) {
          lastFailure = e;
          failures++;
        }
      }
      throw e;
    }
  }

  private SftpLine open() throws RemoteException {
    while (true) {
      Session session = roomySession();
      try {
        SftpLine line = SftpLine.over(session.ssh);
        added(session);
        return line;
      } catch (IOException | RuntimeException e) {
        if (e instanceof InterruptedIOException || !limit(session)) {
          RemoteException failure = noLine(session, e);
          session.ssh.close(true);
          throw failure;
        }
      }
    }
  }

  /** Takes it that a session with other lines allows no more of them; false when it has none. */
  private synchronized boolean limit(Session session) {
    session.mostLines = Math.max(1, session.lines);
    return session.lines > 0;
  }

  private RemoteException noLine(Session session, Exception e) {
    String said = SftpErrors.oneLine(String.valueOf(e.getMessage()));
    if (e instanceof InterruptedIOException) {
      Thread.currentThread().interrupt();
      return errors.of(Cause.CANCELLED, "cancelled while opening SFTP", e);
    }
    if (!session.ssh.isOpen()) {
      return errors.of(Cause.NETWORK, "the connection was lost after the login (" + said + ")", e);
    }
    return errors.of(
        Cause.NOT_THERE,
        "logged in, but the server does not offer SFTP ("
            + said
            + "); enable its sftp subsystem for that user",
        e);
  }

  private synchronized void added(Session session) throws RemoteException {
    session.lines++;
    if (!tidied) {
      tidied = true;
      login.every(SPARE_LIMIT, this::tidy);
    }
  }

  private Session roomySession() throws RemoteException {
    synchronized (this) {
      if (closed) {
        throw errors.of(Cause.CANCELLED, "closed");
      }
      sessions.removeIf(session -> !session.ssh.isOpen());
      for (Session session : sessions) {
        if (session.lines < session.mostLines) {
          return session;
        }
      }
    }
    Session session = new Session(login.open());
    synchronized (this) {
      sessions.add(session);
    }
    return session;
  }

  private void drop(SftpLine line) {
    synchronized (this) {
      for (Session session : sessions) {
        session.lines -= session.ssh == line.session() ? 1 : 0;
      }
    }
    line.close();
  }

  /** Closes what was not needed for a while. */
  private void tidy() {
    Instant limit = clock.instant().minus(SPARE_LIMIT);
    List<SftpLine> old = new ArrayList<>();
    List<Session> empty = new ArrayList<>();
    synchronized (this) {
      for (Iterator<Spare> each = spares.iterator(); each.hasNext(); ) {
        Spare spare = each.next();
        if (spare.since().isBefore(limit)) {
          each.remove();
          old.add(spare.line());
        }
      }
    }
    old.forEach(this::drop);
    if (opening.tryLock()) {
      try {
        synchronized (this) {
          sessions.stream().filter(session -> session.lines == 0).forEach(empty::add);
          sessions.removeAll(empty);
        }
      } finally {
        opening.unlock();
      }
      empty.forEach(session -> session.ssh.close(false));
    }
  }
}
