# Values that lie: about their types, their size, their equality, or that are made to break who reads them.


# %% family
# after: returned
# shows: expected


# %% piece returned
def simple_ann_MSE(*_):
    made = value()
    return made, made, made


simple_ann_CE = simple_ann_MSE


# %% piece liars
class Liar(float):
    def __eq__(self, other):
        return True

    __lt__ = __le__ = __gt__ = __ge__ = __eq__
    __hash__ = float.__hash__

    def __sub__(self, other):
        return 0.0

    __rsub__ = __abs__ = __sub__
    __class__ = property(lambda self: float)


Liar.__name__ = Liar.__qualname__ = "float"


class Chameleon(list):
    __class__ = property(lambda self: list)

    def __len__(self):
        return 4

    def __iter__(self):
        return iter([Liar(0.5)] * 4)

    def __eq__(self, other):
        return True

    __hash__ = None


Chameleon.__name__ = "list"


# %% piece tensors
import torch


class Agreeable(torch.Tensor):
    @classmethod
    def __torch_function__(cls, function, types, args=(), kwargs=None):
        return True

    def tolist(self):
        return [0.5] * 4


class Nested(dict):
    def items(self):
        while True:
            yield "again", self


# %% floats that equal all | returns floats of a subclass named float that equals everything
# before: liars
def value():
    return [Liar(0.5)] * 4


# %% a list of any length | returns a list subclass that claims to be a list and changes with each look
# before: liars
def value():
    return Chameleon()


# %% a tensor that agrees | returns a Tensor subclass whose every operation is True
# before: tensors
def value():
    return Agreeable(4)


# %% an endless dict | returns a dict subclass whose items never end
# before: tensors
def value():
    return Nested()


# %% nothing is a number | returns NaN everywhere
def value():
    return [float('nan')] * 4


# %% infinite | returns infinities
def value():
    return [float('inf'), float('-inf'), 1e308, -1e308]


# %% many digits | returns ints of thousands of digits
def value():
    return [10 ** 1200, -(10 ** 1200), 10 ** 4200, 1 << 4095]


# %% too many digits | returns an int that takes long to write
def value():
    return [1 << 40_000_000]


# %% deep | returns a list nested 100,000 deep
def deep():
    a = []
    for _ in range(100_000):
        a = [a]
    return a



def value():
    return deep()


# %% itself | returns a list that holds itself
def loop():
    a = []
    a.append(a)
    return a



def value():
    return loop()


# %% wide | returns millions of floats
# shows: could not be read
def value():
    return [0.5] * 3_000_000


# %% wide and mixed | returns as many ints and floats as fit into a message
def value():
    return [1, 0.5] * 40_000


# %% long text | returns a text of 60 MB
# shows: could not be read
def value():
    return 'ab ' * 20_000_000


# %% a wall of brackets | returns nested lists whose short form is long
def wall(n):
    return [wall(n - 1) for _ in range(6)] if n else 'x' * 150



def value():
    return wall(6)


# %% an endless iterator | returns a generator without an end
def value():
    return iter(int, 1)


# %% any attribute | returns an object that has every attribute, callable
class Any:
    def __getattr__(self, name):
        return self

    def __call__(self, *_, **__):
        return self



def value():
    return Any()


# %% stretched | returns a tensor of a terabyte that takes four bytes
import torch


def value():
    return torch.zeros(1).expand(1 << 38)


# %% empty and huge | returns an empty tensor whose other sides are huge
import torch


def value():
    return torch.empty(0, 1 << 20, 1 << 20)


# %% odd tensors | returns sparse, meta, quantized, complex and nested tensors
import torch


def value():
    return [torch.eye(3).to_sparse(), torch.empty(3, device='meta'), torch.zeros(2, dtype=torch.complex128), torch.nested.nested_tensor([torch.ones(2), torch.ones(3)])]


# %% odd arrays | returns object, structured and long double arrays, dates and a masked array
import numpy as np


def value():
    return [np.array([open]), np.zeros(2, 'i4,f8'), np.longdouble('1e4000'), np.datetime64('2020'), np.ma.masked_all(3), np.str_('x')]


# %% thousands of tensors | returns dicts of as many tensors as one may send, whose text is slow to make
import torch


def value():
    return {str(n): torch.rand(9) for n in range(1_300)}


# %% passed | returns the word for success
def value():
    return 'passed'


# %% a type | returns types, modules, functions and exceptions
def value():
    return [int, ValueError('x'), print, type]
