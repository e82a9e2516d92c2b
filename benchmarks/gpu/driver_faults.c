/*
 * A Vulkan layer that fails as drivers do, when it is told to by the environment. The card itself is told nothing.
 *   LOWFORMER_LOSE_DEVICE=FILE    once FILE exists, the next submission, and every later one to that device, is answered with
 *                                 VK_ERROR_DEVICE_LOST, as a driver answers that has lost its card
 *   LOWFORMER_HANG_IN=vkFUNCTION  that call (vkCreateInstance, vkCreateDevice, vkQueueSubmit, vkWaitForFences) never returns; with
 *                                 LOWFORMER_HANG_FILE=FILE only in the process that takes FILE away with it
 *   LOWFORMER_DEVICE_MEMORY=MB    as on a card of so many megabytes, what is allocated beyond them is VK_ERROR_OUT_OF_DEVICE_MEMORY
 * Declares by itself what of Vulkan's interface it touches (Vulkan 1.3, loader interface 2): no headers are needed.
 *   cc -shared -fPIC -O2 -o driver_faults.so driver_faults.c
 */
#include <pthread.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

typedef void (*Function)(void);
typedef Function (*GetInstanceProcAddr)(void *instance, const char *name);
typedef Function (*GetDeviceProcAddr)(void *device, const char *name);

enum { SUCCESS = 0, OUT_OF_DEVICE_MEMORY = -2, INITIALIZATION_FAILED = -3, DEVICE_LOST = -4 };
enum { LOADER_INSTANCE_CREATE_INFO = 47, LOADER_DEVICE_CREATE_INFO = 48, LAYER_LINK_INFO = 0 };

/* The head of every structure that a chain holds. */
struct Chained { int32_t type; const struct Chained *next; };

struct InstanceLink { struct InstanceLink *next; GetInstanceProcAddr instance; GetInstanceProcAddr physical; };
struct DeviceLink { struct DeviceLink *next; GetInstanceProcAddr instance; GetDeviceProcAddr device; };
struct InstanceInfo { struct Chained head; int32_t function; struct InstanceLink *link; };
struct DeviceInfo { struct Chained head; int32_t function; struct DeviceLink *link; };

struct Allocation { struct Chained head; uint64_t bytes; uint32_t kind; };

struct Negotiation {
  int32_t type; void *next; uint32_t version;
  GetInstanceProcAddr instance; GetDeviceProcAddr device; GetInstanceProcAddr physical;
};

typedef int32_t (*CreateInstance)(const struct Chained *, const void *, void **);
typedef int32_t (*CreateDevice)(void *, const struct Chained *, const void *, void **);
typedef int32_t (*Submit)(void *, uint32_t, const void *, uint64_t);
typedef int32_t (*WaitForFences)(void *, uint32_t, const uint64_t *, uint32_t, uint64_t);
typedef int32_t (*AllocateMemory)(void *, const struct Allocation *, const void *, uint64_t *);
typedef void (*FreeMemory)(void *, uint64_t, const void *);

/* One instance and one device at a time are enough here; the newest counts. */
static GetInstanceProcAddr next_instance;
static GetDeviceProcAddr next_device;
static void *known_instance;
static Submit next_submit, next_submit2;
static WaitForFences next_wait;
static AllocateMemory next_allocate;
static FreeMemory next_free;
static int lost;

static void hang_in(const char *function) {
  static int hangs;
  const char *asked = getenv("LOWFORMER_HANG_IN"), *file = getenv("LOWFORMER_HANG_FILE");
  if (asked == NULL || strcmp(asked, function) != 0) return;
  if (!hangs && file != NULL && unlink(file) != 0) return;
  hangs = 1;
  for (;;) pause();
}

/* What lies on the card, by the handles of its pieces. */
enum { MOST_PIECES = 4096 };
static pthread_mutex_t memory = PTHREAD_MUTEX_INITIALIZER;
static struct { uint64_t handle, bytes; } pieces[MOST_PIECES];
static uint64_t bytes_used;

static int32_t allocate(void *device, const struct Allocation *asked, const void *allocator, uint64_t *handle) {
  const char *megabytes = getenv("LOWFORMER_DEVICE_MEMORY");
  if (megabytes == NULL) return next_allocate(device, asked, allocator, handle);
  int32_t result = OUT_OF_DEVICE_MEMORY;
  int place = 0;
  pthread_mutex_lock(&memory);
  while (place < MOST_PIECES && pieces[place].bytes != 0) place++;
  if (place < MOST_PIECES && bytes_used + asked->bytes <= strtoull(megabytes, NULL, 10) * 1000000)
    result = next_allocate(device, asked, allocator, handle);
  if (result == SUCCESS) {
    pieces[place].handle = *handle;
    pieces[place].bytes = asked->bytes;
    bytes_used += asked->bytes;
  }
  pthread_mutex_unlock(&memory);
  return result;
}

static void free_memory(void *device, uint64_t handle, const void *allocator) {
  pthread_mutex_lock(&memory);
  for (int place = 0; place < MOST_PIECES && handle != 0; place++) {
    if (pieces[place].bytes == 0 || pieces[place].handle != handle) continue;
    bytes_used -= pieces[place].bytes;
    pieces[place].bytes = 0;
    break;
  }
  pthread_mutex_unlock(&memory);
  next_free(device, handle, allocator);
}

static int32_t wait_for_fences(void *device, uint32_t count, const uint64_t *fences, uint32_t all, uint64_t timeout) {
  hang_in("vkWaitForFences");
  return next_wait(device, count, fences, all, timeout);
}

static int losing(void) {
  const char *file = getenv("LOWFORMER_LOSE_DEVICE");
  /* The file is taken away: a device that is made later works. */
  if (!lost && file != NULL && unlink(file) == 0) lost = 1;
  return lost;
}

static int32_t submit(void *queue, uint32_t count, const void *submits, uint64_t fence) {
  hang_in("vkQueueSubmit");
  return losing() ? DEVICE_LOST : next_submit(queue, count, submits, fence);
}

static int32_t submit2(void *queue, uint32_t count, const void *submits, uint64_t fence) {
  hang_in("vkQueueSubmit");
  return losing() ? DEVICE_LOST : next_submit2(queue, count, submits, fence);
}

static const void *linked(const struct Chained *chain, int32_t type) {
  for (; chain != NULL; chain = chain->next) {
    if (chain->type == type && ((const struct InstanceInfo *)chain)->function == LAYER_LINK_INFO) return chain;
  }
  return NULL;
}

static int32_t create_instance(const struct Chained *info, const void *allocator, void **instance) {
  hang_in("vkCreateInstance");
  struct InstanceInfo *chain = (struct InstanceInfo *)linked(info->next, LOADER_INSTANCE_CREATE_INFO);
  if (chain == NULL) return INITIALIZATION_FAILED;
  next_instance = chain->link->instance;
  chain->link = chain->link->next;
  CreateInstance create = (CreateInstance)next_instance(NULL, "vkCreateInstance");
  int32_t result = create(info, allocator, instance);
  if (result == SUCCESS) known_instance = *instance;
  return result;
}

static int32_t create_device(void *physical, const struct Chained *info, const void *allocator, void **device) {
  hang_in("vkCreateDevice");
  struct DeviceInfo *chain = (struct DeviceInfo *)linked(info->next, LOADER_DEVICE_CREATE_INFO);
  if (chain == NULL) return INITIALIZATION_FAILED;
  GetInstanceProcAddr instance = chain->link->instance;
  next_device = chain->link->device;
  chain->link = chain->link->next;
  CreateDevice create = (CreateDevice)instance(known_instance, "vkCreateDevice");
  int32_t result = create(physical, info, allocator, device);
  if (result != SUCCESS) return result;
  next_submit = (Submit)next_device(*device, "vkQueueSubmit");
  next_submit2 = (Submit)next_device(*device, "vkQueueSubmit2");
  next_wait = (WaitForFences)next_device(*device, "vkWaitForFences");
  next_allocate = (AllocateMemory)next_device(*device, "vkAllocateMemory");
  next_free = (FreeMemory)next_device(*device, "vkFreeMemory");
  lost = 0;
  return SUCCESS;
}

static Function get_device(void *device, const char *name);
static Function get_instance(void *instance, const char *name);

static Function own(const char *name) {
  if (strcmp(name, "vkGetInstanceProcAddr") == 0) return (Function)get_instance;
  if (strcmp(name, "vkGetDeviceProcAddr") == 0) return (Function)get_device;
  if (strcmp(name, "vkCreateInstance") == 0) return (Function)create_instance;
  if (strcmp(name, "vkCreateDevice") == 0) return (Function)create_device;
  if (strcmp(name, "vkQueueSubmit") == 0) return (Function)submit;
  if (strcmp(name, "vkQueueSubmit2") == 0 || strcmp(name, "vkQueueSubmit2KHR") == 0) return (Function)submit2;
  if (strcmp(name, "vkWaitForFences") == 0) return (Function)wait_for_fences;
  if (strcmp(name, "vkAllocateMemory") == 0) return (Function)allocate;
  if (strcmp(name, "vkFreeMemory") == 0) return (Function)free_memory;
  return NULL;
}

static Function get_device(void *device, const char *name) {
  Function found = own(name);
  return found != NULL ? found : next_device(device, name);
}

static Function get_instance(void *instance, const char *name) {
  Function found = own(name);
  return found != NULL ? found : next_instance(instance, name);
}

__attribute__((visibility("default"))) int32_t vkNegotiateLoaderLayerInterfaceVersion(struct Negotiation *with) {
  with->version = 2;
  with->instance = get_instance;
  with->device = get_device;
  with->physical = NULL;
  return SUCCESS;
}
