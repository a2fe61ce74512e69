/** What the API says of Dgraph's exports. */
@NullMarked
package dev.caravan.control.export;

import org.jspecify.annotations.NullMarked;
