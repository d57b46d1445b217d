# Hostile bytes on the channel: what a worker may send that no honest one sends, up to bombs for the judge.


# %% family
# before: frames
# shows: could not be read


# %% piece frames
import os
import socket
import struct
import sys
import time

import msgpack
from grader.worker import session

real = session.Session.answer


def pack(value):
    return msgpack.packb(value, use_bin_type=True)


def ok(value):
    return pack(["list", ["ok", value]])


def frame(payload):
    return struct.pack("!I", len(payload)) + payload


def forge_next(payload):
    """Send `payload` in place of the answer that is being worked out."""
    place = sys._getframe()
    while "channel" not in place.f_locals:
        place = place.f_back
    channel = place.f_locals["channel"]
    stream = channel.stream

    class Forger:
        def send(self, view):
            channel.stream = stream
            stream.send(frame(payload))
            return len(view)

    channel.stream = Forger()


def answer(self, request):
    operation = msgpack.unpackb(request, raw=False)[1][0]
    return reply(self, request) if operation in CRAFTED else real(self, request)


CRAFTED = {"call"}
session.Session.answer = answer


def simple_ann_MSE(*_):
    pass


simple_ann_CE = simple_ann_MSE


# %% piece collisions
prime = (1 << 61) - 1
collide = [['int', str(k * prime)] for k in range(5, 60_000)]


# %% empty frame | sends a frame of no bytes
def reply(self, request):
    return b''


# %% noise | sends random bytes
def reply(self, request):
    return os.urandom(100_000)


# %% cut short | sends half of a message
def reply(self, request):
    return ok(['list', [1.5] * 100])[:-300]


# %% two in one | sends two messages in one frame
def reply(self, request):
    return ok(1) + ok(2)


# %% empty lists | sends 60 MB of empty lists, 64 bytes each where they are unpacked
def reply(self, request):
    return b'\xdd\x03\x90\0\0' + b'\x90' * 60_000_000


# %% promised lists | promises a thousand nested lists of 67 million items each
def reply(self, request):
    return b'\xdd\x03\xf0\0\0' * 1000 + bytes(60_000_000)


# %% short texts | sends 20 million texts of two letters
def reply(self, request):
    return b'\xdd\x01\x31\x2d\0' + b'\xa2ab' * 20_000_000


# %% deep brackets | nests 1,000,000 lists
def reply(self, request):
    return b'\x91' * 1_000_000 + b'\xc0'


# %% deep values | nests 500 well-formed lists
def deep(n):
    return ['list', [deep(n - 1)]] if n else 1


def reply(self, request):
    return ok(deep(500))


# %% maps | sends maps and nested maps
def reply(self, request):
    return pack({'ok': {'a': {1: 2}}})


# %% extensions | sends extension types and timestamps
def reply(self, request):
    return ok(['list', [msgpack.ExtType(5, b'x' * 100), msgpack.Timestamp(2**34, 1)]])


# %% colliding set | sends a set of ints whose hashes are all the same
# before: frames, collisions
def reply(self, request):
    return ok(['set', collide])


# %% colliding dict | sends a dict whose keys' hashes are all the same
# before: frames, collisions
def reply(self, request):
    return ok(['dict', [[k, 1] for k in collide]])


# %% dtype text | sends an array whose dtype is a text of a million fields
def reply(self, request):
    return ok(['array', 'i4,' * 1_000_000, [1], b'abcd'])


# %% dtype list | sends arrays of objects, of lists as dtype, of sub-arrays
def reply(self, request):
    return ok(['list', [['array', d, [1], b'12345678'] for d in ('O', ['f8', 'O'], '(2,)f4', 'V8', None)]])


# %% negative sides | sends tensors with negative, fractional and missing sides
def reply(self, request):
    return ok(['list', [['tensor', 'float32', s, b'', False, False, 'cpu', 'Tensor'] for s in ([-1], [0.5], None, [[]], [True])]])


# %% overflowing sides | sends an empty tensor with sides whose product overflows
def reply(self, request):
    return ok(['tensor', 'float32', [0] + [(1 << 40) - 1] * 15, b'', False, False, 'cpu', 'Tensor'])


# %% a large tensor | sends as large a tensor as may be, of subnormal numbers
# shows: expected
def reply(self, request):
    return ok(['tensor', 'float32', [15_000_000], b'\1\0\0\0' * 15_000_000, False, False, 'cpu', 'Tensor'])


# %% too few bytes | sends a tensor with fewer bytes than its shape needs
def reply(self, request):
    return ok(['tensor', 'float64', [1000], bytes(8), False, False, 'cpu', 'Tensor'])


# %% odd bools | sends bools whose bytes are neither 0 nor 1
def reply(self, request):
    return ok(['tensor', 'bool', [4], bytes([2, 255, 7, 1]), False, False, 'cpu', 'Tensor'])


# %% facts of a tensor | sends a tensor whose facts are lists
def reply(self, request):
    return ok(['tensor', 'float32', [1], bytes(4), [], {}, None, 7])


# %% a million digits | sends an int of a million digits
def reply(self, request):
    return ok(['int', '9' * 1_000_000])


# %% odd digits | sends ints with underscores, spaces, other scripts' digits, or as lists
def reply(self, request):
    return ok(['list', [['int', t] for t in ('1_0', ' 7 ', '\u0661', [1], b'5')]])


# %% half characters | sends texts that are no UTF-8
def reply(self, request):
    return b'\x92\xa4list\x92\xa2ok\xa3\xed\xa0\x80'


# %% unhashable | sends a set of lists and a dict with lists for keys
def reply(self, request):
    return ok(['list', [['set', [['list', []]]], ['dict', [[['list', []], 1]]]]])


# %% forged handles | sends handles with numbers and names that no worker gives
def reply(self, request):
    return ok(['list', [['handle', n, k] for n, k in ((-1, 'x'), (2**63, 'x'), (1, 'y' * 100_000), (0.5, 'z'), (1, None))]])


# %% handle for a value | sends a handle with a long name of control characters where a tuple is due
# shows: got       a 
def reply(self, request):
    return ok(['handle', 123456789, '\x1b[31m<b>' + '\n' * 5000])


# %% an array for a word | sends an array where the word ok is due
# shows: What came back could not be
def reply(self, request):
    return pack(['list', [['array', '<f8', [2], bytes(16)], 1]])


# %% no such answer | sends answers of no known kind
def reply(self, request):
    return pack(['list', ['passed', 1.0]])


# %% absent | claims that there is no function of a name that it makes up
# shows: nothing of that name
def reply(self, request):
    return pack(['list', ['absent', 'LEAKED:any text' * 20]])


# %% a long message | claims an exception with a message of millions of words
# shows: got       EEE
def reply(self, request):
    return pack(['list', ['raised', 'E' * 500_000, ['list', ['Exception'] * 50_000], 'ab ' * 1_200_000, 'w' * 1_000_000]])


# %% terminal codes | claims an exception whose message holds terminal codes, HTML and markup
# shows: <script>
def reply(self, request):
    return pack(['list', ['raised', '[bold]E', ['list', []], '\x1b]0;x\x07<script>alert(1)</script>[/]\0', '']])


# %% one answer ahead | sends two hundred answers in advance, so that every later request meets an old answer
# shows: expected
def reply(self, request):
    good = ok(["tuple", [["list", [0.5] * 4], ["list", [1.0, -1.0, 1.0]], ["list", [0.25]]]])
    os.write(3, frame(good) * 200)
    return good


# %% one answer late | answers each request with the answer to the one before
# shows: expected
late = [ok(None)]


def answer(self, request):
    late.append(real(self, request))
    return late.pop(0)


session.Session.answer = answer


# %% announces four gigabytes | announces a frame of four gigabytes and sends a little of it
def reply(self, request):
    os.write(3, b"\xff" * 4 + b"abc")
    return b""


# %% stops in the middle | announces a frame, sends half and leaves
# shows: left by itself
def reply(self, request):
    os.write(3, struct.pack("!I", 1000) + b"x" * 500)
    os._exit(3)


# %% hangs up | closes its end of the channel and goes on
# shows: was ended by SIGKILL
def reply(self, request):
    os.close(3)
    time.sleep(60)


# %% half closed | shuts its end for writing, keeps it for reading
# shows: was ended by SIGKILL
def reply(self, request):
    socket.socket(fileno=3).shutdown(socket.SHUT_WR)
    time.sleep(60)


# %% open files as gifts | sends descriptors along with its answers, many with each byte
# shows: got       a int
def reply(self, request):
    stream = socket.socket(fileno=os.dup(3))
    gifts = [os.open("/dev/null", os.O_RDONLY) for _ in range(200)]
    for byte in frame(ok(["int", "7"])):
        try:
            socket.send_fds(stream, [bytes([byte])], gifts)
        except OSError:  # too many are on their way
            stream.send(bytes([byte]))
    for gift in gifts:
        os.close(gift)
    stream.close()
    return ok(1)


# %% no list of cells | answers the import with a number in place of the list of failed cells
# shows: expected
forge_next(ok(5))
CRAFTED = set()


# %% forged cells | answers the import with failed cells that are no cells
# shows: cell 1 of the notebook raised KKK
numbers, texts = ["list", [["list", [1.5] * 5_000], 2, 3]], ["tuple", [1, "K" * 9999, "m" * 9999]]
forge_next(ok(["list", [numbers, texts, 7]]))
del simple_ann_MSE, simple_ann_CE
CRAFTED = set()


# %% a raised beginning | answers the request that begins a check with an exception, an absence and a list
CRAFTED = {"begin"}
answers = [["raised", "ValueError", ["list", ["ValueError"]], "x w t iterations learning", ""], ["absent", "begin"]]


def reply(self, request):
    answers.append(answers.pop(0))
    return pack(["list", answers[0]])
