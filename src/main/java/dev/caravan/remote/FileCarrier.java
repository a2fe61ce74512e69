package dev.caravan.remote;

import dev.caravan.event.ContentChangedException;
import dev.caravan.event.ObjectContent;
import java.io.IOException;
import java.util.Map;

/**
 * Writes the new files of a remote that is a file system, in place of the remote's own way to do
 * it. The remote does the rest: it names them, proves them and brings them to their place.
 */
public interface FileCarrier extends AutoCloseable {

  /** What the remote calls its provider when this carries for it. */
  String provider();

  /**
   * Asks whether files can be carried at all, as far as this machine can say.
   *
   * @return facts for the status
   */
  Map<String, String> probe() throws RemoteException;

  /**
   * Writes a whole content to a file that nobody else writes to, with its modification time and
   * permissions. What is there after a throw is the caller's to remove or to go on with.
   *
   * @param folder absolute, in text form; it is there
   * @param name of the file: plain ASCII, and no other file that is being carried has it
   * @param from how much of this very content the file holds already
   * @throws ContentChangedException when the content is not what it said it is
   * @throws IOException when the content cannot be read
   */
  void carry(ObjectContent content, ObjectKey key, String folder, String name, long from)
      throws RemoteException, IOException;

  /** False where the permissions of files at the destination are others by setting. */
  default boolean keepsPermissions() {
    return true;
  }

  @Override
  void close();
}
