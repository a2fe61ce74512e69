/** What a call to a remote knows of who makes it, and may take beyond its first try. */
@NullMarked
package dev.caravan.remote.call;

import org.jspecify.annotations.NullMarked;
